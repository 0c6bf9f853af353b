// Package rt is the driver of Request Tracker 5 (https://bestpractical.com/rt), through its API REST2.
//
// RT answers writes with sentences in the user's language and with 200 or 201 whether it did what they ask or not, so
// that no answer is believed here beyond "it arrived": what came of a write is seen by reading.
//
// A ticket is found again by a link that the request which makes it carries, RefersTo vdam://ticket/<key>, beside which
// the field "External Key" is for people: the field can be missing, is dropped where RT holds it to be unique, and is
// lost in a merge, none of which happens to the link. A second link, to vdam://unclaimed/<key>, marks a ticket of which
// nobody has made sure yet that it is the only one of its key. Neither is shown as a link of the ticket.
//
// The account needs, on each queue that it is to use: SeeQueue, ShowTicket, ShowTicketComments, CreateTicket,
// ReplyToTicket, CommentOnTicket, ModifyTicket, SeeCustomField and ModifyCustomField.
package rt
