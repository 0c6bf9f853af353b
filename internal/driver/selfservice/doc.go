// Package selfservice is the driver of the VDAM Self-Service API: it maps the ports of the packages cloud and
// servicedesk onto the client generated from the contract, and nothing else. What it knows of HTTP is headers, status
// codes and bodies; retries, tokens and logging are the transport's.
package selfservice
