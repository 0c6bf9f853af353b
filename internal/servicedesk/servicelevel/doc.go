// Package servicelevel computes from a desk's tickets how well its service level was kept in a period: how soon tickets
// were answered and resolved, what was late by the agreed targets, and how much of the time no critical incident was
// open. It reads no clock and asks nothing, so that the same input gives the same report for ever.
//
// # What is counted
//
//   - Everything is UTC and half-open: a period, a maintenance window and an outage have their first moment and lack
//     their last.
//   - A ticket belongs to the period in which it was created, so that adjacent periods share no ticket and miss none.
//   - What happened after AsOf is not known. What happened at AsOf is; what is dated before the ticket's creation, such
//     as the past of a ticket merged into it, is not the ticket's.
//   - The severity is the one that the ticket has now: a desk's history does not tell an earlier one.
//
// # First response
//
// The first response is the first public message or change of status by the desk's staff after the creation, the
// creation itself left aside. An unanswered ticket is late as soon as the time until AsOf exceeds the target; but once
// it has ended nobody waits for an answer, so its time stops there, and what is said later is no first response.
//
// # Resolution
//
// A ticket is resolved when it first reaches resolved or closed and is not reopened by AsOf; of several resolutions with
// reopenings between them, the last one counts, with all the time since the creation. A rejected or cancelled ticket is
// withdrawn: it has no resolution and cannot be late with one. Closing it afterwards only files it away; it is resolved
// if it is brought to resolved, and open if it is reopened. An unresolved ticket is late as soon as the time until AsOf
// exceeds the target.
//
// A native status that the desk's mapping does not have tells nothing and changes nothing; [Ticket.UnknownStatuses]
// names it, for it may hide an end or a reopening. Where a history has no change of status at all, as at a desk that
// keeps none, the end is what the ticket itself says.
//
// # Time and maintenance
//
// Planned maintenance is the union of its windows. It is taken out of every duration, so that what is left and what was
// taken out add up to the time on the wall. A target is missed if the exact duration exceeds it; meeting it to the
// nanosecond is meeting it. Minutes are for people: whole ones, rounded down, after the judgement.
//
// # Availability
//
// Unavailable is the union of the times in which an incident of severity critical was open, from its creation until it
// was resolved or withdrawn, in whatever period it was created. Both the whole and the unavailable part are of the
// period as far as it is known at AsOf, less maintenance: what is to come is neither.
package servicelevel
