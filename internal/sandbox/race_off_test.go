//go:build !race

package sandbox

// raced says that the race detector slows everything down.
const raced = false
