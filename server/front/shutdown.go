package front

import (
	"context"
	"errors"
	"time"
)

// Shutdown accepts nothing more, closes idle connections and waits until all requests are
// answered, or ctx ends. It is http.Server's Shutdown, with its error, for whoever answers.
func (s *Server) Shutdown(ctx context.Context) error {
	closing := s.stopListening()
	others := make(chan error, 1)
	go func() { others <- s.others.Shutdown(ctx) }()
	err := s.awaitQuiet(ctx)
	return errors.Join(closing, err, <-others)
}

// Close closes the listener and all connections, without waiting for anybody.
func (s *Server) Close() error {
	closing := s.stopListening()
	s.sweeper.closeAll()
	return errors.Join(closing, s.others.Close())
}

func (s *Server) stopListening() error {
	s.sweeper.shutDown()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing == nil {
		return nil
	}
	return s.closing()
}

// Times between looking whether all is quiet, as net/http has them.
const (
	minPoll = time.Millisecond
	maxPoll = 500 * time.Millisecond
)

func (s *Server) awaitQuiet(ctx context.Context) error {
	poll := minPoll
	timer := time.NewTimer(poll)
	defer timer.Stop()
	for !s.sweeper.closeIdle() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			poll = min(2*poll, maxPoll)
			timer.Reset(poll)
		}
	}
	return nil
}
