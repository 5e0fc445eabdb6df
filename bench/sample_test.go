package main

import (
	"testing"
	"time"
)

func TestQuantile(t *testing.T) {
	t.Parallel()
	values := make([]time.Duration, 100)
	for i := range values {
		values[i] = time.Duration(100 - i) // 1 to 100, in no order that helps
	}
	for part, want := range map[float64]time.Duration{0: 1, 0.5: 50, 0.99: 99, 1: 100} {
		if got := quantile(values, part); got != want {
			t.Errorf("quantile %v of 1 to 100 is %d, want %d", part, got, want)
		}
	}
	if got := median([]float64{9, 1, 5}); got != 5 {
		t.Errorf("the median of 9, 1 and 5 is %v, want 5", got)
	}
}
