// Package tmf621 maps the port to service desks onto TM Forum's TMF621 Trouble Ticket Management API, v5, and v4 where a
// desk has no later one. The sources are the definitions TMF621 v5.0.1 and v4.0.0, and of TMF630, the design guidelines, what
// these two refer to.
//
// It is tested against a front of our own that stores its tickets in Request Tracker. No third party's server was tested.
//
// # What goes where
//
//   - A queue is a ticketType: "change", "incident" and "serviceRequest" unless the mapping says otherwise.
//   - The key is an externalIdentifier of the type "vdam", or "vdam-unclaimed" until it is claimed; the mapping's name of the
//     external key goes for "vdam". In v4 it is the externalId, as "vdam:<key>" and "vdam-unclaimed:<key>".
//   - Project and affected resources are each a relatedEntity; the mapping's names are their roles, "project" and
//     "affectedResource". A link to a URI is one, too; a link to a ticket is a troubleTicketRelationship.
//   - Requester and watchers are each a relatedParty, with the roles "reporter" and "watcher"; the account itself is the
//     "originator" if its name is configured.
//   - The desk's own fields are characteristics. v4 has none.
//   - A ticket has to have a description and a severity: without, it gets its subject and "Minor".
//   - The channel is left out: it refers to one that the desk would have to know.
//
// TMF621 knows no approvals, no messages that the requester does not see, and no author of a change of status. A change that
// has the reason and the time of a message is taken for its author's, others for the desk's people's.
//
// # What a desk may do, and what is done about it
//
//   - It may answer 202 without a body, and work on. Filing is then [cloud.ErrUnknownOutcome], so that the engine searches
//     for the key; other changes are looked at once, and are of unknown outcome if they do not show yet, but for a change of
//     content, which the engine compares anyway.
//   - It may ignore a filter, refuse it, or take it for another one. Every key is looked at again here, and before "none" is
//     believed, the filter has to have found a ticket that was seen without it. Where it does not, what the account sees is
//     looked through, newest first, for the last week and 5000 tickets at most; older ones are not found by their key.
//   - It may list but a part of what it is asked for by id, or everything. What it leaves out is asked for one by one.
//   - It may not know JSON Patch, as v4 does not. Messages and files are then added by sending those before them, too, read
//     just before: what somebody adds in that moment is lost.
//   - It has no versions. An ETag, if there is one, or else the time of the last change is compared just before a change,
//     which does not notice what happens in that moment.
//   - It may put another name for the account under messages. That is learnt as messages are said, and not kept beyond a run,
//     so that a later one takes them for those of the desk's people.
//   - It does not say who the account is. Without the account's name in [Options], all tickets with a key of this provider
//     count as the account's own: right where a desk shows each account only its own.
//   - Nothing is ever deleted.
package tmf621
