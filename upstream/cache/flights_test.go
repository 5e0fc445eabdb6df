package cache

import (
	"slices"
	"testing"

	"crmgraph/upstream"
)

// Keys whose hashes are equal by chance are different keys all the same.
func TestFlightsWithEqualHashes(t *testing.T) {
	t.Parallel()
	const hash = 1
	keys := []upstream.Key{{ID: "a"}, {ID: "b"}, {ID: "c"}}
	for _, removed := range keys {
		s := newFlights()
		added := make(map[upstream.Key]*flight)
		for _, key := range keys {
			f := &flight{key: &key, hash: hash}
			s.add(f)
			added[key] = f
		}
		s.remove(added[removed])
		delete(added, removed)
		for _, key := range keys {
			if got, want := s.find(hash, &key), added[key]; got != want {
				t.Errorf("without %s, found for %s: got %v, want %v", removed.ID, key.ID, got, want)
			}
		}
		if got, want := len(slices.Collect(s.all())), len(keys)-1; got != want || s.count != want {
			t.Errorf("without %s: got %d flights, counted as %d; want %d", removed.ID, got, s.count, want)
		}
		for f := range s.all() { // as a purge does
			s.remove(f)
		}
		if len(s.byHash) != 0 || s.count != 0 {
			t.Errorf("without any: %d left, counted as %d; want none", len(s.byHash), s.count)
		}
	}
}
