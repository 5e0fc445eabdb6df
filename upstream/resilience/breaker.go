package resilience

import (
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// State is a state of a circuit breaker.
type State string

// The states of a circuit breaker.
const (
	Closed   State = "closed"    // attempts are made
	Open     State = "open"      // no attempt is made
	HalfOpen State = "half-open" // a few attempts are made, and decide
)

// breaker is a circuit breaker. An attempt gets a permit, which says in which era it was
// given, and hands it back with the outcome. The outcome of an attempt of an earlier era
// says nothing about this one, and an attempt that was cut off hands its permit back
// without an outcome, so that another probe can go in its place.
type breaker struct {
	opts   BreakerOptions
	logger *slog.Logger
	opened atomic.Int64
	closed atomic.Uint64 // the current era if the circuit is closed in it, else 0

	mu     sync.Mutex
	era    permit // counts the changes of state
	state  State
	window window    // closed: the outcomes
	until  time.Time // open: when probes may go
	probes int       // half-open: attempts under way
	good   int       // half-open: attempts that succeeded
}

// permit is the era in which an attempt was allowed.
type permit uint64

func newBreaker(opts BreakerOptions, logger *slog.Logger) *breaker {
	b := &breaker{opts: opts, logger: logger}
	b.enter(Closed)
	return b
}

// refuses reports whether an attempt would get no permit now, and for how long if that is
// known.
func (b *breaker) refuses() (time.Duration, bool) {
	if b.closed.Load() != 0 {
		return 0, false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.refusesLocked()
}

func (b *breaker) refusesLocked() (time.Duration, bool) {
	switch b.state {
	case Open:
		left := time.Until(b.until)
		return max(0, left), left > 0
	case HalfOpen:
		return 0, b.probes+b.good >= b.opts.Probes
	default:
		return 0, false
	}
}

// acquire returns a permit, which release takes back, unless the circuit refuses.
func (b *breaker) acquire() (permit, time.Duration, bool) {
	if era := b.closed.Load(); era != 0 {
		return permit(era), 0, true
	}
	b.mu.Lock()
	before := b.state
	left, refused := b.refusesLocked()
	if !refused && b.state == Open {
		b.enter(HalfOpen)
	}
	if !refused && b.state == HalfOpen {
		b.probes++
	}
	era, after := b.era, b.state
	b.mu.Unlock()
	b.log(before, after)
	return era, left, !refused
}

// release takes a permit back, with what its attempt says about the upstream.
func (b *breaker) release(p permit, v verdict, now time.Time) {
	b.mu.Lock()
	before := b.state
	switch {
	case p != b.era:
	case b.state == HalfOpen:
		b.probes--
		b.decide(v)
	default:
		b.count(v, now)
	}
	after := b.state
	b.mu.Unlock()
	b.log(before, after)
}

func (b *breaker) count(v verdict, now time.Time) {
	if v == silent {
		return
	}
	attempts, failures := b.window.add(now, v == failed)
	if attempts >= b.opts.MinAttempts && float64(failures) >= b.opts.FailureShare*float64(attempts) {
		b.enter(Open)
	}
}

func (b *breaker) decide(v verdict) {
	switch v {
	case failed:
		b.enter(Open)
	case answered, limited:
		b.good++
		if b.good == b.opts.Probes {
			b.enter(Closed)
		}
	case silent:
	}
}

func (b *breaker) enter(state State) {
	b.state = state
	b.era++
	b.closed.Store(0)
	switch state {
	case Closed:
		b.window = newWindow(time.Now(), b.opts.Window)
		b.closed.Store(uint64(b.era))
	case Open:
		b.opened.Add(1)
		// Replicas that lost the upstream together shall not come back together.
		tenth := b.opts.OpenFor / 10
		b.until = time.Now().Add(b.opts.OpenFor - tenth + rand.N(2*tenth+1))
	case HalfOpen:
		b.probes, b.good = 0, 0
	}
}

// current returns the state. A circuit whose time is over is half-open for whoever looks
// at it, though it takes an attempt to make it so: readiness that waited for the attempt
// would keep it away.
func (b *breaker) current() State {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state == Open && !b.until.After(time.Now()) {
		return HalfOpen
	}
	return b.state
}

// log is called without the lock: a slow log must not hold up calls.
func (b *breaker) log(before, after State) {
	if b.logger == nil || before == after {
		return
	}
	switch after {
	case Closed:
		b.logger.Info("circuit closed")
	case Open:
		b.logger.Warn("circuit opened")
	case HalfOpen:
		b.logger.Info("circuit half-open")
	}
}
