package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"

	"crmgraph/upstream"
)

// Stop has one CRM gone, as if its server had been ended: connections break, and new ones are
// refused until Resume. No request is in work there when it returns. It fails where the
// CRM is stopped already or the sandbox is closed.
func (s *Sandbox) Stop(service upstream.Service) error {
	return s.change(service, (*server).stop)
}

// Resume has a CRM that was stopped answer again, at the same address and with the same
// data. It fails where the CRM is not stopped.
func (s *Sandbox) Resume(service upstream.Service) error {
	return s.change(service, (*server).resume)
}

func (s *Sandbox) change(service upstream.Service, to func(*server) error) error {
	server, found := s.servers[service]
	if !found {
		return fmt.Errorf("sandbox: there is no CRM %q", service)
	}
	if err := to(server); err != nil {
		return fmt.Errorf("sandbox %s: %w", service, err)
	}
	return nil
}

var (
	errNotServing = errors.New("it is stopped or closed")
	errNotStopped = errors.New("it is not stopped")
)

// stop ends the listener and all connections, waits for their handlers, and holds the
// address until resume.
func (s *server) stop() error {
	s.turn.Lock()
	defer s.turn.Unlock()
	if s.closed {
		return errNotServing
	}
	address := s.listener.Addr().(*net.TCPAddr)
	if err := s.halt(); err != nil {
		return err
	}
	held, err := holdAddress(address)
	s.held = held
	return err
}

// resume listens and serves again.
func (s *server) resume() error {
	s.turn.Lock()
	defer s.turn.Unlock()
	if s.held == nil {
		return errNotStopped
	}
	var listen net.ListenConfig
	address := s.listener.Addr().String()
	listener, err := listen.Listen(context.Background(), "tcp", address)
	if err != nil {
		return err
	}
	s.listen(listener)
	return s.release()
}

// release gives up the address that is held.
func (s *server) release() error {
	err := s.held.Close()
	s.held = nil
	return err
}
