package upstream

import (
	"slices"
	"testing"
)

func TestSlabValuesAreApart(t *testing.T) {
	t.Parallel()
	var slab Slab[int]
	var all [][]int
	for n := range 200 {
		values := slab.Make(n)
		if values == nil || len(values) != n || slices.ContainsFunc(values, func(v int) bool { return v != 0 }) {
			t.Fatalf("Make(%d): got %v", n, values)
		}
		for i := range values {
			values[i] = n
		}
		all = append(all, values)
	}
	for n, values := range all {
		_ = append(values, -1) // must not reach the values made next
		if slices.ContainsFunc(all[n], func(v int) bool { return v != n }) {
			t.Errorf("values %d became %v", n, values)
		}
	}
	if one, other := slab.New(), slab.New(); one == other || *one != 0 || *other != 0 {
		t.Errorf("got %p and %p", one, other)
	}
}

func TestSlabOfLargeValues(t *testing.T) {
	t.Parallel()
	var slab Slab[[2 * maxSlab]byte]
	if one, other := slab.New(), slab.New(); one == other {
		t.Errorf("got %p twice", one)
	}
	if values := slab.Make(3); len(values) != 3 {
		t.Errorf("got %d values, want 3", len(values))
	}
}

func TestSlabCopy(t *testing.T) {
	t.Parallel()
	var slab Slab[byte]
	source := []byte("abc")
	got := slab.Copy(source)
	clear(source)
	if string(got) != "abc" {
		t.Errorf("got %q, want abc", got)
	}
}

func TestSlabRoom(t *testing.T) {
	t.Parallel()
	var slab Slab[int]
	var all [][]int
	for n := range 200 {
		values := slab.Room(n/2 + 1)
		if values == nil || len(values) != 0 || cap(values) <= n/2 {
			t.Fatalf("Room(%d): got %d values, room for %d", n/2+1, len(values), cap(values))
		}
		for range n {
			values = append(values, n)
		}
		all = append(all, slab.Keep(values))
		slab.Room(1)[:1][0] = -1 // appended and not kept
	}
	for n, values := range all {
		_ = append(values, -1) // must not reach the values kept next
		if len(values) != n || slices.ContainsFunc(all[n], func(v int) bool { return v != n }) {
			t.Errorf("values %d became %v", n, values)
		}
	}
}
