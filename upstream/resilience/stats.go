package resilience

import "sync/atomic"

// Stats is what a Policy has done since it was made, and what it is doing.
type Stats struct {
	Attempts       int64 // requests sent, retries and hedges among them
	Retries        int64 // requests sent again after a failure
	Hedges         int64 // requests sent beside a slow one
	HedgeWins      int64 // of these, the ones that were answered first
	BudgetRefusals int64 // retries and hedges that there was no budget for
	QueueFull      int64 // attempts that were not allowed to wait
	InFlight       int64 // attempts under way
	Queued         int64 // attempts that wait for one of these to end
	State          State // of the circuit breaker
	Opened         int64 // how often the circuit has opened
	Paused         int   // viewers and companies that wait for a Retry-After to pass
}

// Stats returns the current counts. They are read one by one, not at one moment.
func (p *Policy) Stats() Stats {
	return Stats{
		Attempts:       p.sent.attempts[firstAttempt].Load() + p.sent.attempts[retryAttempt].Load() + p.sent.attempts[hedgeAttempt].Load(),
		Retries:        p.sent.attempts[retryAttempt].Load(),
		Hedges:         p.sent.attempts[hedgeAttempt].Load(),
		HedgeWins:      p.sent.hedgeWins.Load(),
		BudgetRefusals: p.budget.refused.Load(),
		QueueFull:      p.limit.refused.Load(),
		InFlight:       p.limit.inFlight.Load(),
		Queued:         p.limit.queued.Load(),
		State:          p.breaker.current(),
		Opened:         p.breaker.opened.Load(),
		Paused:         p.pauses.paused(),
	}
}

// State returns the state of the circuit breaker.
func (p *Policy) State() State { return p.breaker.current() }

// role is what an attempt is to its call.
type role uint8

const (
	firstAttempt role = iota
	retryAttempt      // after a failure
	hedgeAttempt      // beside a slow first one
	roles
)

// sent counts the attempts made.
type sent struct {
	attempts  [roles]atomic.Int64
	hedgeWins atomic.Int64
}

func (s *sent) count(r role) { s.attempts[r].Add(1) }
