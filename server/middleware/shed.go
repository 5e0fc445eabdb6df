package middleware

import (
	"context"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// Shedder tells an overloaded server by how late its own timer fires: a goroutine that is
// due waits as long as any request would for a processor. As long as that wait stays above
// Target for Interval it sheds, and the longer it lasts the more of the requests. No number
// of requests has to be guessed, and a short burst is let through.
type Shedder struct {
	opts  ShedOptions
	share atomic.Int64 // of requests to shed, in thousandths
	count atomic.Int64 // of requests, to choose among them
	shed  atomic.Int64
}

// ShedOptions are the settings of a Shedder; the zero value means the defaults.
type ShedOptions struct {
	Target   time.Duration // longest wait that is no overload; 100 ms when 0
	Interval time.Duration // how long it is waited before anything is shed; 1 s when 0
}

// Shares of requests to shed, in thousandths. Some always pass, so that a recovery shows.
const (
	allRequests = 1000
	stepUp      = 100
	maxShare    = 900
)

// shedPeriod is how often the wait is measured.
const shedPeriod = 50 * time.Millisecond

// NewShedder returns a Shedder that sheds nothing before Run.
func NewShedder(opts ShedOptions) *Shedder {
	if opts.Target == 0 {
		opts.Target = 100 * time.Millisecond
	}
	if opts.Interval == 0 {
		opts.Interval = time.Second
	}
	return &Shedder{opts: opts}
}

// Run measures until ctx ends.
func (s *Shedder) Run(ctx context.Context) {
	timer := time.NewTimer(shedPeriod)
	defer timer.Stop()
	due := time.Now().Add(shedPeriod)
	above := time.Time{} // since when the wait has been too long
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		now := time.Now()
		above = s.observe(now, now.Sub(due), above)
		due = now.Add(shedPeriod)
		timer.Reset(shedPeriod)
	}
}

// observe adapts the share to a wait that was measured now; above is since when waits have
// been too long, zero if they are not.
func (s *Shedder) observe(now time.Time, wait time.Duration, above time.Time) time.Time {
	share := s.share.Load()
	switch {
	case wait <= s.opts.Target:
		s.share.Store(share / 2)
		return time.Time{}
	case above.IsZero():
		return now.Add(-wait)
	case now.Sub(above) >= s.opts.Interval:
		s.share.Store(min(share+stepUp, maxShare))
	}
	return above
}

// Shed returns how many requests were shed.
func (s *Shedder) Shed() int64 { return s.shed.Load() }

// Middleware answers the requests that are shed with status 503 and Retry-After.
func (s *Shedder) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		share := s.share.Load()
		// A stride that shares no factor with a thousand spreads those shed evenly.
		if share > 0 && s.count.Add(1)*617%allRequests < share {
			s.shed.Add(1)
			w.Header().Set("Retry-After", strconv.Itoa(max(1, int(s.opts.Interval/time.Second))))
			WriteError(w, r, http.StatusServiceUnavailable, CodeOverloaded, "The gateway is overloaded just now; try again in a moment.")
			return
		}
		next.ServeHTTP(w, r)
	})
}
