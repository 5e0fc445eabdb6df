package keeper

import "time"

// Stats counts what a Keeper did.
type Stats struct {
	Logins   uint64 // that succeeded
	Failures uint64 // logins that failed
	Replaced uint64 // tokens that ProPortal refused
	Shared   uint64 // tokens taken from another replica
}

// State says whether a Keeper can serve.
type State struct {
	ExpiresAt time.Time // of the token; zero when there is none that is valid
	Err       error     // why the last login failed; nil after one that succeeded
	RetryAt   time.Time // before which nobody logs in again; zero without Err
}

// Stats returns what was done until now.
func (k *Keeper) Stats() Stats {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.stats
}

// State returns how things are.
func (k *Keeper) State() State {
	k.mu.Lock()
	defer k.mu.Unlock()
	var s State
	if h := k.held.Load(); h != nil && time.Now().Before(h.ExpiresAt) {
		s.ExpiresAt = h.ExpiresAt
	}
	if k.backoff.last != nil {
		s.Err, s.RetryAt = k.backoff.last, k.backoff.retryAt
	}
	return s
}
