package shared

import "sync/atomic"

// Stats counts what happened since Open.
type Stats struct {
	Hits       int64 // answers found
	Misses     int64 // answers that were not there
	Unreadable int64 // answers, secrets and messages that did not decrypt or parse
	NotAsked   int64 // reads, locks and writes while Redis was not to be asked
	Failed     int64 // commands that Redis did not answer, or refused
	Stored     int64 // answers written
	TooLarge   int64 // answers larger than the largest value
	Overflowed int64 // writes for which the queue was full
	Removed    int64 // answers removed by purges of this replica
	Purges     int64 // that other replicas told of
	Gaps       int64 // times at which word of purges may have been missed
	Connected  int64 // times at which a connection was made
}

// Stats returns the counts.
func (s *Shared) Stats() Stats {
	c := &s.counters
	return Stats{
		Hits:       c.hits.Load(),
		Misses:     c.misses.Load(),
		Unreadable: c.unreadable.Load(),
		NotAsked:   c.notAsked.Load(),
		Failed:     c.failed.Load(),
		Stored:     c.stored.Load(),
		TooLarge:   c.tooLarge.Load(),
		Overflowed: c.overflowed.Load(),
		Removed:    c.removed.Load(),
		Purges:     c.purges.Load(),
		Gaps:       c.gaps.Load(),
		Connected:  c.connected.Load(),
	}
}

type counters struct {
	hits, misses, unreadable     atomic.Int64
	notAsked, failed             atomic.Int64
	stored, tooLarge, overflowed atomic.Int64
	removed, purges, gaps        atomic.Int64
	connected                    atomic.Int64
}
