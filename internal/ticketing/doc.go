// Package ticketing is the part of the engine that stands between the services for tickets and the port to service
// desks: which desk a ticket is at, how its id is written, and what a desk's refusals are told as.
package ticketing
