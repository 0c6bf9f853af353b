package lifecycle

import (
	"testing"
	"time"
)

func TestLongestGap(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"* * * * *":        time.Minute,
		"0 2 * * *":        24 * time.Hour,
		"0 2,14 * * *":     12 * time.Hour,
		"0 8-17 * * 1-5":   63 * time.Hour, // From Friday to Monday.
		"*/10 8-17 * * 1":  (6*24+14)*time.Hour + 10*time.Minute,
		"0 0 1 * *":        31 * 24 * time.Hour,
		"0 0 29 2 *":       (3*365 + 366) * 24 * time.Hour,
		"0 0 1 1 *":        366 * 24 * time.Hour,
		"30 4 1,15 * SUN":  7 * 24 * time.Hour, // Of the day of month and that of the week, either.
		"0 2 * * MON-FRI ": 72 * time.Hour,
	} {
		schedule, err := parseSchedule(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := longestGap(schedule); got != want {
			t.Errorf("%q leaves %v between two runs, not %v", text, got, want)
		}
	}
	for _, text := range []string{"", "@hourly", "0 2 * *", "0 0 2 * * *", "TZ=UTC 0 2 * * *", "a b c d e", "0 24 * * *", "0 2 * * 8"} {
		if _, err := parseSchedule(text); err == nil {
			t.Errorf("%q is taken for a schedule", text)
		}
	}
}

func TestShortDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", time.Second: "1s", 10 * time.Second: "10s", time.Minute: "1m", 90 * time.Second: "1m30s", 10 * time.Minute: "10m",
		time.Hour: "1h", 10 * time.Hour: "10h", time.Hour + time.Second: "1h0m1s", time.Hour + 30*time.Minute: "1h30m", 720 * time.Hour: "720h",
	} {
		got := ShortDuration(d)
		if back, err := time.ParseDuration(got); got != want || err != nil || back != d {
			t.Errorf("%v is written %s, not %s", d, got, want)
		}
	}
}
