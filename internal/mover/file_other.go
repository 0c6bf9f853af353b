//go:build !linux

package mover

// data returns the next part from an offset on that is no hole: here all of it.
func (f *File) data(from int64) (Extent, error) { return Extent{from, f.size - from}, nil }
