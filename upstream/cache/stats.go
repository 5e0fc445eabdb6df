package cache

// Stats are counts for metrics.
type Stats struct {
	Entries    int               // kept in memory, about
	Bytes      uint64            // they take there, estimated
	Evicted    uint64            // for want of room
	Flights    int               // under way now
	Operations map[string]Counts // by names like "proportal.tasks"
}

// Counts say what became of the questions of one operation since the start.
type Counts struct {
	Fresh        uint64 // answers out of memory by state
	Stale        uint64
	StaleOnError uint64
	NotFound     uint64 // of them, that there is no such object

	Misses          uint64 // flights begun for somebody who waits
	Joined          uint64 // questions that found one under way
	Stored          uint64 // answers put into memory
	Unchanged       uint64 // of them, or found in the tier: those whose body was that of the one before
	Refreshes       uint64 // flights begun in the background
	RefreshFailures uint64
	TierHits        uint64 // answers the tier had
	TierMisses      uint64
}

// Stats returns the counts.
func (c *Cache) Stats() Stats {
	c.mu.Lock()
	flights := c.flights.count
	c.mu.Unlock()
	return Stats{
		Entries:    c.memory.entries.EstimatedSize(),
		Bytes:      c.memory.entries.WeightedSize(),
		Evicted:    c.memory.evicted.Load(),
		Flights:    flights,
		Operations: c.operations.counts(),
	}
}

func (o *operations) counts() map[string]Counts {
	seen := *o.seen.Load()
	counts := make(map[string]Counts, len(seen))
	for name, op := range seen {
		counts[string(name.service)+"."+name.name] = op.counters.read()
	}
	return counts
}

func (c *counters) read() Counts {
	return Counts{
		Fresh:           c.fresh.Load(),
		Stale:           c.stale.Load(),
		StaleOnError:    c.staleOnError.Load(),
		NotFound:        c.notFound.Load(),
		Misses:          c.misses.Load(),
		Joined:          c.joined.Load(),
		Stored:          c.stored.Load(),
		Unchanged:       c.unchanged.Load(),
		Refreshes:       c.refreshes.Load(),
		RefreshFailures: c.refreshFailures.Load(),
		TierHits:        c.tierHits.Load(),
		TierMisses:      c.tierMisses.Load(),
	}
}
