package serviceticket

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// period is a length of time by the calendar (ISO 8601, without its parts below a day).
type period struct{ months, days int }

var periodPattern = regexp.MustCompile(`^P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?$`)

func parsePeriod(text string) (period, error) {
	m := periodPattern.FindStringSubmatch(text)
	if m == nil || text == "P" {
		return period{}, fmt.Errorf("%q is not a period like P1M, P2W or P10D", text)
	}
	n := func(i int) int {
		v, _ := strconv.Atoi(m[i]) // The pattern lets only short numbers through, or nothing.
		return v
	}
	return period{months: 12*n(1) + n(2), days: 7*n(3) + n(4)}, nil
}

// after is the end of the period that begins at a time. A month ends on the day of the same number, or on the last of a
// month that has no such day.
func (p period) after(t time.Time) time.Time {
	t = t.UTC()
	first := time.Date(t.Year(), t.Month(), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC).AddDate(0, p.months, 0)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1+p.days)
}
