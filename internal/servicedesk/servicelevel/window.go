package servicelevel

import (
	"slices"
	"sort"
	"time"
)

// Window is the time from From on and before To. One that ends where it starts is empty.
type Window struct{ From, To time.Time }

func (w Window) length() time.Duration { return max(0, w.To.Sub(w.From)) }

func (w Window) contains(t time.Time) bool { return !t.Before(w.From) && t.Before(w.To) }

// clip is the part that lies in another window; where there is none, something of no length.
func (w Window) clip(to Window) Window { return Window{later(w.From, to.From), earlier(w.To, to.To)} }

// timeline is windows in order with gaps between them: the form in which nothing can be counted twice.
type timeline []Window

// newTimeline unites windows, as far as they lie in the bounds.
func newTimeline(windows []Window, bounds Window) timeline {
	var sorted []Window
	for _, w := range windows {
		if w = w.clip(bounds); w.From.Before(w.To) {
			sorted = append(sorted, w)
		}
	}
	slices.SortFunc(sorted, func(a, b Window) int { return a.From.Compare(b.From) })
	var united timeline
	for _, w := range sorted {
		if last := len(united) - 1; last >= 0 && !w.From.After(united[last].To) {
			united[last].To = later(united[last].To, w.To)
		} else {
			united = append(united, w)
		}
	}
	return united
}

// after is what has not ended at a moment.
func (l timeline) after(t time.Time) timeline {
	return l[sort.Search(len(l), func(i int) bool { return l[i].To.After(t) }):]
}

// within is how much of a window lies in the timeline.
func (l timeline) within(w Window) time.Duration {
	var sum time.Duration
	for _, part := range l.after(w.From) {
		if !part.From.Before(w.To) {
			break
		}
		sum += part.clip(w).length()
	}
	return sum
}

// exhausted is the last moment at which no more than d has passed since start outside the timeline. A stretch of the
// timeline that begins when d is used up belongs to what is still in time, for no time passes in it.
func (l timeline) exhausted(start time.Time, d time.Duration) time.Time {
	end := start.Add(d)
	for _, part := range l.after(start) {
		if part.From.After(end) {
			break
		}
		end = end.Add(part.To.Sub(later(part.From, start)))
	}
	return end
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
