package streamtest

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"crmgraph/upstream"
)

// Held are the calls of one kind, which wait.
type Held struct {
	path     string
	arrived  chan struct{}
	release  func()
	free     chan struct{}
	cancel   chan struct{}
	arrive   func()
	canceled func()
}

// Arrived returns when such a call waits.
func (h *Held) Arrived() { <-h.arrived }

// Canceled returns when such a call has been given up.
func (h *Held) Canceled() { <-h.cancel }

// Release lets the calls go on.
func (h *Held) Release() { h.release() }

// HoldBack has calls wait until they are released, at the latest when the test ends.
func (g *Gateway) HoldBack(t testing.TB, call upstream.Call) *Held {
	t.Helper()
	h := &Held{path: "/" + call.Path, arrived: make(chan struct{}), free: make(chan struct{}), cancel: make(chan struct{})}
	h.arrive = sync.OnceFunc(func() { close(h.arrived) })
	h.release = sync.OnceFunc(func() { close(h.free) })
	h.canceled = sync.OnceFunc(func() { close(h.cancel) })
	t.Cleanup(h.release)
	g.gate.mu.Lock()
	defer g.gate.mu.Unlock()
	g.gate.held = append(g.gate.held, h)
	return h
}

// gate is a way to the CRMs on which calls can be held back.
type gate struct {
	http.RoundTripper

	mu   sync.Mutex
	held []*Held
}

// RoundTrip is part of http.RoundTripper.
func (g *gate) RoundTrip(r *http.Request) (*http.Response, error) {
	g.mu.Lock()
	held := g.held
	g.mu.Unlock()
	for _, h := range held {
		if !strings.HasSuffix(r.URL.Path, h.path) {
			continue
		}
		h.arrive()
		select {
		case <-h.free:
		case <-r.Context().Done():
			h.canceled()
			return nil, r.Context().Err()
		}
	}
	return g.RoundTripper.RoundTrip(r)
}
