package auth

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/MicahParks/keyfunc/v3"

	"crmgraph/upstream"
)

// When keys are loaded again.
const (
	// unknownKeyPause is the least time between loads for the sake of keys that are not known:
	// whoever invents names of keys must not make the gateway bother the issuer.
	unknownKeyPause = 5 * time.Second
	firstRetry      = time.Second
	lastRetry       = time.Minute
)

// keys are an issuer's keys. They are loaded every so often, and at once when a token names
// one that is not known.
type keys struct {
	load    func(context.Context) (*keySet, error)
	every   time.Duration
	loaded  func(error) // nil for nobody
	stop    context.CancelFunc
	stopped chan struct{} // closed when nothing is loaded any more
	wanted  chan struct{} // has a value when a load is to begin at once

	mu      sync.Mutex
	set     *keySet       // nil before the first load
	since   time.Time     // when set was loaded
	err     error         // of the last load, nil if it succeeded
	begun   time.Time     // when the last load began
	loading chan struct{} // closed at the end of the load under way; nil when there is none
}

// errNotLoaded is how things are before the first load has ended.
var errNotLoaded = errors.New("not loaded yet")

// keySet are the keys of one load by their names.
type keySet struct {
	keyfunc.Keyfunc
	names map[string]struct{}
}

func (s *keySet) has(id string) bool {
	if s == nil {
		return false
	}
	_, ok := s.names[id]
	return ok
}

// keepKeys begins to load keys.
func keepKeys(ctx context.Context, load func(context.Context) (*keySet, error), every time.Duration, loaded func(error)) *keys {
	ctx, stop := context.WithCancel(ctx)
	k := &keys{
		load:    load,
		every:   every,
		loaded:  loaded,
		stop:    stop,
		stopped: make(chan struct{}),
		wanted:  make(chan struct{}, 1),
		err:     errNotLoaded,
	}
	k.begin()
	go k.run(ctx)
	return k
}

func (k *keys) close() {
	k.stop()
	<-k.stopped
}

// with returns the keys, with the one named id if the issuer has it. It waits for a load if
// that may bring it. While it cannot be known, the error is an upstream.Kind.
func (k *keys) with(ctx context.Context, id string) (*keySet, error) {
	k.mu.Lock()
	if k.set.has(id) {
		defer k.mu.Unlock()
		return k.set, nil
	}
	loading := k.reload()
	k.mu.Unlock()
	if loading != nil {
		select {
		case <-loading:
		case <-k.stopped:
		case <-ctx.Done():
			return nil, gone(ctx)
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.set.has(id) && k.err != nil {
		return nil, upstream.Unavailable
	}
	return k.set, nil
}

// state returns when the keys were loaded, and how the last load failed.
func (k *keys) state() KeysState {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := KeysState{LoadedAt: k.since}
	if !errors.Is(k.err, errNotLoaded) {
		s.Err = k.err
	}
	return s
}

// current returns the keys of the last load, nil before the first.
func (k *keys) current() *keySet {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.set
}

// reload returns the load under way or asks for one; nil when the last one is too recent.
// The caller has locked k.
func (k *keys) reload() <-chan struct{} {
	if k.loading == nil && time.Since(k.begun) >= unknownKeyPause {
		k.loading = make(chan struct{})
		k.wanted <- struct{}{}
	}
	return k.loading
}

// run loads keys until ctx ends.
func (k *keys) run(ctx context.Context) {
	defer close(k.stopped)
	retry := firstRetry
	for {
		err := k.loadOnce(ctx)
		pause := k.every
		if err == nil {
			retry = firstRetry
		} else {
			pause, retry = min(retry, k.every), min(2*retry, lastRetry)
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-k.wanted:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		timer.Stop()
		k.begin()
	}
}

// begin is the beginning of a load, asked for or not.
func (k *keys) begin() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.begun = time.Now()
	if k.loading == nil {
		k.loading = make(chan struct{})
	}
	// Who has asked just now is served by this load.
	select {
	case <-k.wanted:
	default:
	}
}

// loadOnce loads keys. Those that are known stay if it fails.
func (k *keys) loadOnce(ctx context.Context) error {
	set, err := k.load(ctx)
	if ctx.Err() == nil && k.loaded != nil {
		k.loaded(err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.err = err; err == nil {
		k.set, k.since = set, time.Now()
	}
	close(k.loading)
	k.loading = nil
	return err
}
