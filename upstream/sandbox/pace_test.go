package sandbox

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"
)

// A request is given up when its client leaves during a long wait.
func TestLongWaitEndsWithTheClient(t *testing.T) {
	t.Parallel()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	defer func() {
		if err, ok := recover().(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
			t.Errorf("got %v, want %v", err, http.ErrAbortHandler)
		}
	}()
	p := newPacer()
	p.wait(gone, time.Now().Add(time.Hour), nil)
}

// A short wait is waited to its end, whether the client is there or not.
func TestBriefWaitIsExact(t *testing.T) {
	t.Parallel()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	p := newPacer()
	closing, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		p.run(closing)
	}()
	due := time.Now().Add(5 * time.Millisecond)
	p.wait(gone, due, closing)
	if left := time.Until(due); left > 0 {
		t.Errorf("waited %v too short", left)
	}
	close(closing)
	<-stopped
}
