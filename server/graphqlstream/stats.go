package graphqlstream

import "sync/atomic"

// Stats are counts of what goes on and went on.
type Stats struct {
	Open   int64 // responses in parts that have begun and not ended
	Opened int64 // those that have ended too
}

// Stats returns the counts.
func (t *Transport) Stats() Stats {
	return Stats{Open: t.counts.open.Load(), Opened: t.counts.opened.Load()}
}

// counts are what Stats tells.
type counts struct{ open, opened atomic.Int64 }
