package rt

import (
	"strings"
	"time"
)

const (
	// currentUser and activeStatus are values that RT itself fills in.
	currentUser  = "__CurrentUser__"
	activeStatus = "__Active__"
	// zones is more than any time zone is away from UTC: RT reads the times of a query in the account's own zone, which
	// it does not tell.
	zones = 15 * time.Hour
)

// condition is one of TicketSQL. RT takes a value that begins with "CF." for the name of a field even in quotes; such a
// condition is left out, so that whoever asks has to look at what is found.
func condition(name, operator, value string) string {
	if strings.HasPrefix(strings.ToLower(value), "cf.") {
		return ""
	}
	return name + " " + operator + " " + quote(value)
}

// quote makes a value of any letters one of TicketSQL, in which a backslash stands before what means itself.
func quote(value string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + "'"
}

// fieldName is how a custom field is named in TicketSQL.
func fieldName(name string) string { return quote("CF.{" + name + "}") }

// all joins conditions, leaving out empty ones; anyOf does so with alternatives, of which there has to be one.
func all(conditions ...string) string { return join(" AND ", conditions) }

func anyOf(conditions ...string) string { return "(" + join(" OR ", conditions) + ")" }

func join(by string, conditions []string) string {
	var out []string
	for _, c := range conditions {
		if c != "" {
			out = append(out, c)
		}
	}
	return strings.Join(out, by)
}
