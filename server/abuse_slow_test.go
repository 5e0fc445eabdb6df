package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
)

// slowClients are clients that begin requests and do not go on.
type slowClients struct {
	on      *attacked
	start   cost
	results map[string]chan []attemptEnd
}

type attemptEnd struct {
	seen
	err error
}

// slowCount is how many clients are slow in each way.
const slowCount = 50

// attackSlowly has clients begin requests in the background, since it takes the ten seconds that
// they are given until they are given up.
func attackSlowly(t *testing.T, on *attacked) *slowClients {
	t.Helper()
	warmUp(t, on)
	on.forgetPeak(t)
	s := &slowClients{on: on, start: cost{cpu: on.cpu(t), memory: on.memory(t).now}, results: map[string]chan []attemptEnd{}}
	beginnings := map[string]func(w io.Writer) error{
		"bodies": func(w io.Writer) error {
			if err := head(on, w, "Content-Length: 1000\r\n"); err != nil {
				return err
			}
			_, err := io.WriteString(w, `{"query":`)
			return err
		},
		"headers": func(w io.Writer) error {
			_, err := io.WriteString(w, "POST /graphql HTTP/1.1\r\nHost: localhost\r\nX-Slow: a")
			return err
		},
	}
	for name, begin := range beginnings {
		results := make(chan []attemptEnd, 1)
		s.results[name] = results
		go func() { results <- beginAll(t.Context(), on, begin) }()
	}
	return s
}

// beginAll returns how the requests ended that were begun.
func beginAll(ctx context.Context, on *attacked, begin func(io.Writer) error) []attemptEnd {
	ctx, cancel := context.WithTimeout(ctx, attackPatience)
	defer cancel()
	ends := make([]attemptEnd, slowCount)
	connections := make([]*dialled, slowCount)
	for i := range connections {
		conn, err := dial(ctx, on)
		if err == nil {
			connections[i] = conn
			err = begin(conn)
		}
		ends[i].err = err
	}
	for i, conn := range connections {
		if ends[i].err == nil {
			ends[i].seen, ends[i].err = conn.read()
		}
		if conn != nil {
			_ = conn.Close()
		}
	}
	return ends
}

// check waits until all of them are given up.
func (s *slowClients) check(t *testing.T, table *attackTable) {
	t.Helper()
	want := map[string]seen{
		"bodies":  {http.StatusRequestTimeout, "REQUEST_BODY_TIMEOUT"},
		"headers": {}, // nobody is told anything
	}
	for name, results := range s.results {
		for _, end := range <-results {
			if name == "headers" && errors.Is(end.err, io.ErrUnexpectedEOF) {
				end.err = nil
			}
			if end.err != nil || end.seen != want[name] {
				t.Errorf("slow %s: got %v, %v, want %v", name, end.seen, end.err, want[name])
				break
			}
		}
	}
	spent := (s.on.cpu(t) - s.start.cpu) / (2 * slowCount)
	if spent > maxAttackCPU {
		t.Errorf("slow clients: took %v of the processor for each, want %v at most", spent, maxAttackCPU)
	}
	checkServes(t, s.on, "slow clients")
	a := attack{name: fmt.Sprintf("%d bodies and %d headers that do not go on, given up after 10 s", slowCount, slowCount), requests: 2 * slowCount}
	table.add(a, cost{seen: want["bodies"], cpu: spent, memory: max(0, s.on.memory(t).peak-s.start.memory)})
	checkEnds(t, s.on)
}
