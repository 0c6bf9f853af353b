package transport

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxItems bounds what is read of a header; an operator has a few policies.
const maxItems = 8

// item is a member of a RateLimit or RateLimit-Policy header (draft-ietf-httpapi-ratelimit-headers); what it does not
// say is -1.
type item struct {
	name                         string
	quota, window, remain, reset int64
}

// items reads a list of items with parameters (RFC 9651). Names and numbers may be quoted or not; an item with a
// parameter that is no such number is left out.
func items(lines []string) []item {
	var list []item
	for _, member := range split(strings.Join(lines, ","), ',') {
		parts := split(member, ';')
		i := item{name: unquoted(parts[0]), quota: -1, window: -1, remain: -1, reset: -1}
		ok := i.name != ""
		for _, parameter := range parts[1:] {
			key, value, _ := strings.Cut(parameter, "=")
			var field *int64
			switch strings.TrimSpace(key) {
			case "q":
				field = &i.quota
			case "w":
				field = &i.window
			case "r":
				field = &i.remain
			case "t":
				field = &i.reset
			default:
				continue
			}
			n, err := strconv.ParseInt(unquoted(value), 10, 64)
			ok = ok && err == nil && n >= 0 && n <= math.MaxInt32
			*field = n
		}
		if ok && len(list) < maxItems {
			list = append(list, i)
		}
	}
	return list
}

// split divides a text at a separator that is not within double quotes.
func split(s string, separator byte) []string {
	var parts []string
	start, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == separator && !quoted:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:])
}

func unquoted(s string) string { return strings.Trim(s, " \t\"'") }

// limit is what is left of a quota.
type limit struct {
	name        string
	quota, left int64
	window      time.Duration
	end         time.Time
	// since is from when on requests may not yet be counted in what is left, unless they have an answer.
	since   time.Time
	guessed bool
}

// policies are what an operator has said of its quotas: it need not repeat it in every answer.
type policies struct {
	text string
	list []item
}

func (p *policies) read(h http.Header) {
	lines := h.Values("RateLimit-Policy")
	if text := strings.Join(lines, ","); text != "" && text != p.text {
		p.text, p.list = text, items(lines)
	}
}

// limit is what is left of a quota at now. If its policy is not known, the most that was ever left is the quota.
func (p *policies) limit(i item, now time.Time) (l limit, ok bool) {
	at := slices.IndexFunc(p.list, func(known item) bool { return known.name == i.name })
	if at < 0 {
		if len(p.list) >= 2*maxItems {
			return limit{}, false
		}
		at = len(p.list)
		p.list = append(p.list, item{name: i.name, quota: -1, window: -1})
	}
	known := &p.list[at]
	if i.remain < 0 || i.reset < 0 && known.window < 0 {
		return limit{}, false
	}
	known.quota, known.window = max(known.quota, i.remain, 1), max(known.window, i.reset, 1)
	if i.reset < 0 {
		i.reset = known.window
	}
	return limit{
		name: i.name, quota: known.quota, left: i.remain, window: time.Duration(known.window) * time.Second,
		end: now.Add(time.Duration(max(i.reset, 1)) * time.Second), // It may have been rounded down.
	}, true
}
