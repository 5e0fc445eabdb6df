package persisted

// Stats counts what happened since New.
type Stats struct {
	Trusted   int   // documents of the manifest in force
	Reloads   int64 // manifests that took the place of another
	Failures  int64 // manifests that could not be read
	Untrusted int64 // operations that were run though their document is not in the manifest; with Log
	Refused   int64 // requests refused for that; with Required

	Hits     int64 // registered documents found
	Misses   int64 // and not found
	Learnt   int64 // documents registered
	Poisoned int64 // shared documents with another hash than the one asked for
	Bytes    int64 // memory that registered documents take, about
}

// Stats returns the counts.
func (d *Documents) Stats() Stats {
	stats := Stats{
		Trusted:   len(d.manifest.Load().entries),
		Reloads:   d.files.reloads.Load(),
		Failures:  d.files.failures.Load(),
		Untrusted: d.untrusted.Load(),
		Refused:   d.refused.Load(),
	}
	if a := d.automatic; a != nil {
		stats.Hits, stats.Misses = a.hits.Load(), a.misses.Load()
		stats.Learnt, stats.Poisoned = a.learnt.Load(), a.poisoned.Load()
		stats.Bytes = a.memory.bytes()
	}
	return stats
}
