package transport

import (
	"net/http"
	"slices"
	"time"
)

const (
	// paceBelow is the share of a quota, one in so many, below which requests are spread over the rest of its window.
	paceBelow = 5
	// growth is what an answer that is no refusal adds to the rate: a tenth in a second, whatever the rate.
	growth = 0.1
	// minRate and firstRate are, per second, the least that refusals lead to, and what the first is taken to mean at
	// least: one request that was refused says little.
	minRate, firstRate = 0.1, 4
	// disorder is how much later than another a request may be sent and yet be counted before it.
	disorder = 50 * time.Millisecond
)

// pace is what is known of how much an operator can bear: from its RateLimit headers, and, where they do not explain a
// refusal, by halving after it and growing slowly after success.
type pace struct {
	// window is how many requests may be in flight, ceiling the most that it grows to.
	window, ceiling float64
	// admitted numbers the requests; open are those without an answer.
	admitted int64
	open     []admission
	last     time.Time
	paused   time.Time

	policies policies
	limits   []limit
	told     int64 // The last request admitted before the limits were told.

	// rate is in requests per second, none if zero; it is given up when it has reached lift, which is beyond what was
	// too much. Each request puts next off by one interval, and one is never held against the second of two.
	rate, lift float64
	next       time.Time
	halved     time.Time
	// count and before are the requests of the present second, which began at second, and of the one before.
	second        time.Time
	count, before float64
}

type admission struct {
	number int64
	at     time.Time
}

// lesson is what an answer teaches: its headers, what came of it, and the pause that it asks for.
type lesson struct {
	header http.Header
	outcome
	pause time.Duration
}

// due is when the next request may be admitted.
func (p *pace) due(now time.Time) time.Time {
	due := p.paused
	if p.rate > 0 {
		due = later(due, p.next.Add(-p.interval()))
	}
	for i := range p.limits {
		l := &p.limits[i]
		if !now.Before(l.end) {
			// There is a new window, but perhaps not by the operator's clock: until an answer says more, it is used
			// evenly.
			if l.left, l.since = max(l.quota/paceBelow, 1), now; !l.guessed {
				l.guessed, p.told = true, p.admitted
			}
			l.end = now.Add(l.window / time.Duration(l.quota) * time.Duration(l.left))
		}
		due = later(due, p.fits(l))
	}
	return due
}

// fits is when the next request after the last fits into the limit, of which all that may not have been counted yet is
// taken off.
func (p *pace) fits(l *limit) time.Time {
	left, share := l.left, l.end.Sub(p.last)
	for i := len(p.open) - 1; i >= 0 && !p.open[i].at.Before(l.since); i-- {
		left--
	}
	switch {
	case left*paceBelow > l.quota:
		return time.Time{}
	case left > 0:
		share /= time.Duration(left)
	}
	return p.last.Add(min(share, maxRetryAfter))
}

func (p *pace) interval() time.Duration { return time.Duration(float64(time.Second) / p.rate) }

// admit counts a request and gives its number.
func (p *pace) admit(now time.Time) int64 {
	if now.Sub(p.second) >= time.Second {
		p.second, p.before, p.count = now, p.count, 0
	}
	p.count++
	p.admitted++
	p.last = now
	p.open = append(p.open, admission{p.admitted, now})
	if p.rate > 0 {
		p.next = later(p.next, now).Add(p.interval())
	}
	return p.admitted
}

// close ends the time in which a request has no answer, and gives when it began.
func (p *pace) close(n int64) (sent time.Time, ok bool) {
	i, ok := slices.BinarySearchFunc(p.open, n, func(a admission, n int64) int { return int(a.number - n) })
	if ok {
		sent = p.open[i].at
		p.open = slices.Delete(p.open, i, i+1)
	}
	return sent, ok
}

// learn takes from an answer what it says.
func (p *pace) learn(now time.Time, n int64, poll bool, a lesson) {
	sent, ok := p.close(n)
	spent := false
	if ok && (!poll || now.Sub(sent) < time.Second) { // What a long poll says may be as old as the poll.
		spent = p.read(now, sent, n, a.header)
	}
	switch a.outcome {
	case tooManyRequests, unavailable:
		p.paused = later(p.paused, now.Add(a.pause))
		if !sent.Before(p.halved) && now.Sub(p.halved) >= time.Second { // The others were under way with the first.
			p.halve(now, a.outcome == tooManyRequests && !spent)
		}
	case answered:
		p.window = min(p.window+1/p.window, p.ceiling)
		if p.rate > 0 {
			p.rate += growth
		}
		if p.rate >= p.lift {
			p.rate = 0
		}
	default: // It says nothing of limits.
	}
}

// read takes what the headers say; spent means that they say that nothing is left. Of answers to requests that were
// under way together, the one that leaves least was the last.
func (p *pace) read(now, sent time.Time, n int64, h http.Header) (spent bool) {
	p.policies.read(h)
	var limits []limit
	for _, i := range items(h.Values("RateLimit")) {
		l, ok := p.policies.limit(i, now)
		if !ok {
			continue
		}
		l.since = sent.Add(-min(now.Sub(sent), disorder))
		spent = spent || l.left == 0
		held := slices.IndexFunc(p.limits, func(held limit) bool { return held.name == l.name })
		if n <= p.told && held >= 0 {
			// More than were under way together is a new window.
			if more := l.left - p.limits[held].left; more > 0 && more <= int64(p.ceiling) {
				l = p.limits[held]
			}
		}
		limits = append(limits, l)
	}
	switch {
	case len(limits) > 0:
		p.limits, p.told = limits, p.admitted
	case n > p.told: // Who says nothing any more is not to be held to a guess.
		p.limits = slices.DeleteFunc(p.limits, func(l limit) bool { return l.guessed })
	}
	return spent
}

// halve halves what may be in flight, and the rate, unless something else bounds it.
func (p *pace) halve(now time.Time, rate bool) {
	p.halved, p.window = now, max(p.window/2, 1)
	if !rate {
		return
	}
	used := max(p.count, p.before, firstRate)
	if p.rate > 0 {
		used = min(used, p.rate)
	}
	p.rate, p.lift = max(used/2, minRate), 2*used
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
