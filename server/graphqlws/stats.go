package graphqlws

// Stats are counts of what goes on and went on.
type Stats struct {
	Open     int64 // connections
	Running  int64 // operations
	Operated int64 // operations, those that have ended too
}

// Stats returns the counts.
func (t *Transport) Stats() Stats {
	return Stats{Open: t.open.Load(), Running: t.operating.Load(), Operated: t.operated.Load()}
}
