// Package sandbox is a reference implementation of the VDAM Self-Service API: several invented operators on loopback,
// with tokens, quotas, slow transitions, real bytes behind volumes, service desks whose people are played by an Agent,
// and faults on order. It keeps its state in SQLite and goes on after being killed.
//
// The operators' names are those of the government report; their sizes, prices and quotas are made up (operators.json).
package sandbox
