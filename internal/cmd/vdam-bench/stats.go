package main

import (
	"cmp"
	"slices"
	"time"
)

// median is the middle one, or the mean of the middle two; zero of nothing.
func median[T time.Duration | float64](all []T) T {
	if len(all) == 0 {
		return 0
	}
	s := slices.Clone(all)
	slices.Sort(s)
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

// ratio is the median of the ratios of pairs that were measured side by side.
func ratio(ours, floor []time.Duration) float64 {
	var all []float64
	for i := range min(len(ours), len(floor)) {
		all = append(all, ours[i].Seconds()/floor[i].Seconds())
	}
	return median(all)
}

// spread is the least and the most.
func spread[T cmp.Ordered](all []T) (least, most T) {
	if len(all) == 0 {
		return least, most
	}
	return slices.Min(all), slices.Max(all)
}
