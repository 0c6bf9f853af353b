package serviceticket

import (
	"testing"
	"time"
)

func TestPeriods(t *testing.T) {
	for _, c := range []struct{ from, period, want string }{
		{"2027-01-15T08:30:00Z", "P1M", "2027-02-15T08:30:00Z"},
		{"2027-01-31T08:30:00Z", "P1M", "2027-02-28T08:30:00Z"}, // February has no 31st.
		{"2028-01-31T08:30:00Z", "P1M", "2028-02-29T08:30:00Z"},
		{"2027-03-31T23:59:59Z", "P1M", "2027-04-30T23:59:59Z"},
		{"2027-12-31T00:00:00Z", "P2M", "2028-02-29T00:00:00Z"},
		{"2028-02-29T00:00:00Z", "P1Y", "2029-02-28T00:00:00Z"},
		{"2027-01-31T00:00:00Z", "P1M1D", "2027-03-01T00:00:00Z"}, // The days come after the months.
		{"2027-01-15T00:00:00Z", "P2W", "2027-01-29T00:00:00Z"},
		{"2027-01-15T00:00:00Z", "P10D", "2027-01-25T00:00:00Z"},
		{"2027-01-15T00:00:00Z", "P1Y2M3W4D", "2028-04-09T00:00:00Z"},
		{"2027-03-28T01:30:00+02:00", "P1D", "2027-03-28T23:30:00Z"}, // By UTC, which knows no summer.
		{"2027-01-15T00:00:00Z", "P0D", "2027-01-15T00:00:00Z"},
	} {
		from, err := time.Parse(time.RFC3339, c.from)
		if err != nil {
			t.Fatal(err)
		}
		p, err := parsePeriod(c.period)
		if got := p.after(from).Format(time.RFC3339); err != nil || got != c.want {
			t.Errorf("%s after %s is %s, %v; not %s", c.period, c.from, got, err, c.want)
		}
	}
	for _, text := range []string{"", "P", "1M", "p1m", "P1H", "PT1H", "P1M ", "P-1M", "P1.5M", "P1D1M", "P99999Y", "P1M2"} {
		if p, err := parsePeriod(text); err == nil {
			t.Errorf("%q is taken for %+v", text, p)
		}
	}
}
