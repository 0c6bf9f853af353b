// Package servicedesk is the port to service desks: one neutral model of a ticket, in the vocabulary of TM Forum's
// TMF621 Trouble Ticket Management API v5, one interface that a driver of each kind of desk maps onto its API, and
// what has to be done alike at all of them: filing a ticket once, watching many, withdrawing one.
//
// A desk is people's: its tickets are records that are never deleted, its statuses change by themselves, and what it
// answers to a write says little about what it did. So nothing here believes an answer; everything is read back.
//
// Errors are [cloud.Error], with the desk's name as Operator, and the reasons of that port plus [ErrTransition]. Times
// are UTC.
package servicedesk
