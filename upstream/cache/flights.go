package cache

import (
	"hash/maphash"
	"iter"

	"crmgraph/upstream"
)

// flights are those that may be joined, by their keys. A key has many parts, so it is hashed once
// for all that is done with its flight.
type flights struct {
	seed   maphash.Seed
	byHash map[uint64]*flight // the first of those with equal hashes
	count  int
}

func newFlights() flights {
	return flights{seed: maphash.MakeSeed(), byHash: make(map[uint64]*flight)}
}

func (s *flights) hash(key *upstream.Key) uint64 { return maphash.Comparable(s.seed, *key) }

func (s *flights) hashBody(body []byte) uint64 { return maphash.Bytes(s.seed, body) }

// find returns the flight for a key with that hash, nil if there is none.
func (s *flights) find(hash uint64, key *upstream.Key) *flight {
	f := s.byHash[hash]
	for f != nil && *f.key != *key {
		f = f.next
	}
	return f
}

// add adds a flight whose hash is known. There is no other for its key.
func (s *flights) add(f *flight) {
	f.next = s.byHash[f.hash]
	s.byHash[f.hash] = f
	s.count++
}

// remove takes out a flight that was added.
func (s *flights) remove(f *flight) {
	s.count--
	first := s.byHash[f.hash]
	switch {
	case first != f:
		for first.next != f {
			first = first.next
		}
		first.next = f.next
	case f.next != nil:
		s.byHash[f.hash] = f.next
	default:
		delete(s.byHash, f.hash)
	}
	f.next = nil
}

// all are the flights. One that was given may be removed.
func (s *flights) all() iter.Seq[*flight] {
	return func(yield func(*flight) bool) {
		for _, f := range s.byHash {
			for f != nil {
				next := f.next
				if !yield(f) {
					return
				}
				f = next
			}
		}
	}
}
