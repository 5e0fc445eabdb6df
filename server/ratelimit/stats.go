package ratelimit

// Stats count what was refused, by the limit that was exceeded.
type Stats struct {
	ClientRequests, ClientCalls int64
	ViewerRequests, ViewerCalls int64
}

// Stats returns the counts, of this server alone.
func (l *Limiter) Stats() Stats {
	return Stats{
		ClientRequests: l.clientRequests.refusals(),
		ClientCalls:    l.clientCalls.refusals(),
		ViewerRequests: l.viewerRequests.refusals(),
		ViewerCalls:    l.viewerCalls.refusals(),
	}
}

// refusals returns how often a limit was exceeded, of which nil is none.
func (p *policy) refusals() int64 {
	if p == nil {
		return 0
	}
	return p.refused.Load()
}
