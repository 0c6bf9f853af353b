//go:build race

package mover

// raced says that the race detector slows everything down and takes memory.
const raced = true
