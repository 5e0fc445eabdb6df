package ratelimit_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"crmgraph/server/ratelimit"
)

func TestAllowanceIsUsedUpAndComesBackEvenly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		memory := ratelimit.NewMemory(0)
		take := func(cost, wantLeft int, wantReset time.Duration, wantOK bool) {
			t.Helper()
			left, reset, ok := memory.Take(t.Context(), "k", cost, 6, time.Minute)
			if left != wantLeft || reset != wantReset || ok != wantOK {
				t.Errorf("taking %d: got %d left, reset %v, %t; want %d, %v, %t", cost, left, reset, ok, wantLeft, wantReset, wantOK)
			}
		}
		take(0, 6, 0, true)
		take(1, 5, 10*time.Second, true)
		take(5, 0, time.Minute, true)
		take(1, 0, 10*time.Second, false) // what is refused costs nothing
		take(1, 0, 10*time.Second, false)
		take(0, 0, 10*time.Second, false)
		take(3, 0, 30*time.Second, false)
		time.Sleep(9 * time.Second)
		take(1, 0, time.Second, false)
		time.Sleep(time.Second)
		take(1, 0, time.Minute, true)
		time.Sleep(time.Hour) // more than all of it never comes back
		take(6, 0, time.Minute, true)
	})
}

func TestDebts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		memory := ratelimit.NewMemory(0)
		look := func(wantLeft int, wantReset time.Duration, wantOK bool) {
			t.Helper()
			left, reset, ok := memory.Take(t.Context(), "k", 0, 6, time.Minute)
			if left != wantLeft || reset != wantReset || ok != wantOK {
				t.Errorf("got %d left, reset %v, %t; want %d, %v, %t", left, reset, ok, wantLeft, wantReset, wantOK)
			}
		}
		memory.Charge(t.Context(), "k", 4, 6, time.Minute)
		look(2, 40*time.Second, true)
		memory.Charge(t.Context(), "k", 4, 6, time.Minute)
		look(-2, 30*time.Second, false)
		memory.Charge(t.Context(), "k", 1_000_000, 6, time.Minute)
		look(-6, 70*time.Second, false)
		time.Sleep(70 * time.Second)
		look(1, 50*time.Second, true)
	})
}

func TestKeysAreBounded(t *testing.T) {
	t.Parallel()
	memory := ratelimit.NewMemory(3)
	left := func(key string) int {
		left, _, _ := memory.Take(t.Context(), key, 0, 10, time.Hour)
		return left
	}
	for i := range 4 {
		memory.Charge(t.Context(), fmt.Sprint(i), 5, 10, time.Hour)
	}
	if got := left("0"); got != 10 {
		t.Errorf("of the oldest of four keys: got %d left, want it forgotten", got)
	}
	if got := left("3"); got != 5 {
		t.Errorf("of the newest: got %d left, want 5", got)
	}
}

func BenchmarkMemory(b *testing.B) {
	memory := ratelimit.NewMemory(0)
	keys := make([]string, 50_000)
	for i := range keys {
		keys[i] = fmt.Sprintf("client-requests:203.0.%d.%d", i/256, i%256)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		memory.Take(b.Context(), keys[i%len(keys)], 1, 600, time.Minute)
		i++
	}
}
