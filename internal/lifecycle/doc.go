// Package lifecycle is the one engine under every resource. A service gives it a schema and two mapping functions;
// everything hard is here, once: create or adopt, state before waiting, resume instead of taint, single-shot reads,
// confirmed deletion, interrupts and panics, declared replacement, and the texts of all diagnostics.
package lifecycle
