package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"crmgraph/bench/queries"
)

// load is what one server took while some clients asked it one query as fast as they could.
type load struct {
	query          queries.Query
	clients        int
	server         string
	perSecond      float64
	cpu            float64 // milliseconds a request
	latencies      []time.Duration
	resident, peak int64 // bytes, at the end and at most
}

// runLoad puts load on the servers, one at a time, over CRMs that answer at once.
func runLoad(ctx context.Context, o options, dir string, programs []program) ([]load, error) {
	asked := []queries.Query{queries.Portfolio(10), queries.Portfolio(100), queries.Dashboard(10), queries.Dashboard(100)}
	a, err := open(ctx, dir, 0, programs)
	if err != nil {
		return nil, err
	}
	defer a.close()
	questions, err := a.questions(ctx, asked)
	if err != nil {
		return nil, err
	}
	if _, err := a.compareAll(ctx, questions); err != nil {
		return nil, err
	}
	if _, err := measureAll(ctx, a.servers, questions, 1, warmUps); err != nil {
		return nil, err
	}
	var loads []load
	for _, q := range questions {
		for _, clients := range []int{1, 10, 100} {
			for _, s := range a.servers {
				l, err := s.load(ctx, q.request, clients, o.loadTime)
				if err != nil {
					return nil, err
				}
				l.query = q.Query
				loads = append(loads, l)
			}
		}
	}
	return loads, nil
}

// load asks from several connections at once until time is up.
func (s *server) load(ctx context.Context, request []byte, clients int, d time.Duration) (load, error) {
	l := load{clients: clients, server: s.name}
	if err := s.forgetPeak(); err != nil {
		return l, err
	}
	used, err := s.cpu()
	if err != nil {
		return l, err
	}
	start := time.Now()
	took := make([][]time.Duration, clients)
	errs := make([]error, clients)
	var running sync.WaitGroup
	for i := range clients {
		running.Go(func() { took[i], errs[i] = s.askUntil(ctx, request, start.Add(d)) })
	}
	running.Wait()
	lasted := time.Since(start)
	if err := errors.Join(errs...); err != nil {
		return l, fmt.Errorf("%s with %d clients: %w", s.name, clients, err)
	}
	usedAfter, err := s.cpu()
	if err != nil {
		return l, err
	}
	for _, latencies := range took {
		l.latencies = append(l.latencies, latencies...)
	}
	l.cpu = milliseconds(usedAfter-used) / float64(len(l.latencies))
	l.perSecond = float64(len(l.latencies)) / lasted.Seconds()
	l.resident, l.peak, err = s.memory()
	return l, err
}

// askUntil asks again and again, at least once, from one connection.
func (s *server) askUntil(ctx context.Context, request []byte, end time.Time) ([]time.Duration, error) {
	c, err := newClient(ctx, s.address)
	if err != nil {
		return nil, err
	}
	defer c.close()
	var latencies []time.Duration
	for {
		took, err := c.ask(request)
		if err != nil {
			return nil, err
		}
		latencies = append(latencies, took)
		if time.Now().After(end) {
			return latencies, nil
		}
	}
}

func printLoads(out *report, loads []load) {
	out.line("\n| query | clients | server | requests/s | CPU ms/request | p50 / p99 ms | memory after / at most, MiB |")
	out.line("|---|--:|---|--:|--:|--:|--:|")
	for _, l := range loads {
		out.line("| %s, %s | %d | %s | %.0f | %.3f | %s | %d / %d |",
			l.query.Name, l.query.What, l.clients, l.server, l.perSecond, l.cpu, percentiles(l.latencies), l.resident>>20, l.peak>>20)
	}
}
