package resilience

import (
	"errors"
	"log/slog"
	"time"
)

// Defaults of Options.
const (
	DefaultMaxAttempts   = 3
	DefaultBaseBackoff   = 50 * time.Millisecond
	DefaultMaxBackoff    = time.Second
	DefaultRetryShare    = 0.1
	DefaultMinHedgeDelay = 20 * time.Millisecond
	DefaultMaxConcurrent = 256
	DefaultMaxQueued     = 10_000
)

// Defaults of BreakerOptions.
const (
	DefaultFailureShare = 0.5
	DefaultMinAttempts  = 20
	DefaultWindow       = 10 * time.Second
	DefaultOpenFor      = 5 * time.Second
	DefaultProbes       = 3
)

// Options are the settings of a Policy; the zero value means the defaults.
type Options struct {
	// MaxAttempts is how often a read is sent, the first time included; 1 for no retries.
	MaxAttempts int
	// BaseBackoff is the longest wait before the first retry. It doubles with each
	// further one up to MaxBackoff.
	BaseBackoff time.Duration
	MaxBackoff  time.Duration
	// RetryShare is the number of retries and hedges together for each call sent, at most 1.
	RetryShare float64
	// Hedge says that slow reads are sent a second time.
	Hedge bool
	// MinHedgeDelay is the least time that a call gets before it counts as slow.
	MinHedgeDelay time.Duration
	// Breaker has the settings of the circuit breaker.
	Breaker BreakerOptions
	// MaxConcurrent is the number of attempts under way at once.
	MaxConcurrent int
	// MaxQueued is the number of attempts that wait for one of these to end.
	MaxQueued int
	// Logger is told of changes of the circuit breaker; nil for nobody.
	Logger *slog.Logger
}

// BreakerOptions are the settings of the circuit breaker; the zero value means the defaults.
type BreakerOptions struct {
	// FailureShare is the share of failures among the attempts within Window, at most 1,
	// that opens the circuit.
	FailureShare float64
	// MinAttempts is the number of attempts within Window below which it stays closed.
	MinAttempts int
	Window      time.Duration
	// OpenFor is how long nothing is sent, give or take a tenth.
	OpenFor time.Duration
	// Probes is the number of attempts that must succeed then. No more than these are made.
	Probes int
}

// withDefaults returns the options in force, or all that is wrong with them.
func (o Options) withDefaults() (Options, error) {
	b := &o.Breaker
	err := errors.Join(
		atLeastZero("MaxAttempts", &o.MaxAttempts, DefaultMaxAttempts),
		atLeastZero("BaseBackoff", &o.BaseBackoff, DefaultBaseBackoff),
		atLeastZero("MaxBackoff", &o.MaxBackoff, max(DefaultMaxBackoff, o.BaseBackoff)),
		share("RetryShare", &o.RetryShare, DefaultRetryShare),
		atLeastZero("MinHedgeDelay", &o.MinHedgeDelay, DefaultMinHedgeDelay),
		atLeastZero("MaxConcurrent", &o.MaxConcurrent, DefaultMaxConcurrent),
		atLeastZero("MaxQueued", &o.MaxQueued, DefaultMaxQueued),
		share("Breaker.FailureShare", &b.FailureShare, DefaultFailureShare),
		atLeastZero("Breaker.MinAttempts", &b.MinAttempts, DefaultMinAttempts),
		atLeastZero("Breaker.Window", &b.Window, DefaultWindow),
		atLeastZero("Breaker.OpenFor", &b.OpenFor, DefaultOpenFor),
		atLeastZero("Breaker.Probes", &b.Probes, DefaultProbes),
	)
	if o.BaseBackoff > o.MaxBackoff {
		err = errors.Join(err, errors.New("BaseBackoff must not be longer than MaxBackoff"))
	}
	if 0 < b.Window && b.Window < windowSlices {
		err = errors.Join(err, errors.New("Breaker.Window is too short to be measured"))
	}
	return o, err
}

func atLeastZero[T int | time.Duration](name string, value *T, byDefault T) error {
	if *value < 0 {
		return errors.New(name + " must not be negative")
	}
	if *value == 0 {
		*value = byDefault
	}
	return nil
}

func share(name string, value *float64, byDefault float64) error {
	if *value == 0 {
		*value = byDefault
	}
	// Written so that NaN is refused too.
	if !(*value > 0 && *value <= 1) {
		return errors.New(name + " must be above 0 and at most 1")
	}
	return nil
}
