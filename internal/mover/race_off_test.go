//go:build !race

package mover

// raced says that the race detector slows everything down.
const raced = false
