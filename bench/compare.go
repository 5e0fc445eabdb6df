package main

import (
	"context"
	"time"

	"crmgraph/bench/queries"
)

// warmUps is how many requests of each kind a server gets before it is measured: enough
// for the compilers of Go's JSON library and of Node to have seen them.
const warmUps = 200

// Where the CRMs take their time, half the requests and two rounds are enough: there is no
// CPU to be measured, and waiting takes long.
const (
	lateShare   = 2
	lateRounds  = 2
	lateWarmUps = 20
)

// comparison is what the servers were found to take.
type comparison struct {
	queries []queries.Query
	servers []string
	agreed  []agreed   // by query
	atOnce  [][]sample // by query and server, over CRMs that answer at once
	late    [][]sample // the same over CRMs that take their time
	latency time.Duration
	peaks   []int64 // bytes, by server
}

// runCompare compares the servers query by query.
func runCompare(ctx context.Context, o options, dir string, programs []program) (*comparison, error) {
	c := &comparison{queries: o.queries, latency: o.latency}
	for _, p := range programs {
		c.servers = append(c.servers, p.name)
	}
	if err := c.measure(ctx, o, dir, programs); err != nil {
		return nil, err
	}
	if o.latency > 0 {
		if err := c.measureLate(ctx, o, dir, programs); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// measure fills in what is measured over CRMs that answer at once.
func (c *comparison) measure(ctx context.Context, o options, dir string, programs []program) error {
	a, err := open(ctx, dir, 0, programs)
	if err != nil {
		return err
	}
	defer a.close()
	questions, err := a.questions(ctx, o.queries)
	if err != nil {
		return err
	}
	if c.agreed, err = a.compareAll(ctx, questions); err != nil {
		return err
	}
	if _, err := measureAll(ctx, a.servers, questions, 1, warmUps); err != nil {
		return err
	}
	if c.atOnce, err = measureAll(ctx, a.servers, questions, o.rounds, o.requests); err != nil {
		return err
	}
	for _, s := range a.servers {
		_, peak, err := s.memory()
		if err != nil {
			return err
		}
		c.peaks = append(c.peaks, peak)
	}
	return nil
}

// measureLate fills in what is measured over CRMs that take their time.
func (c *comparison) measureLate(ctx context.Context, o options, dir string, programs []program) error {
	a, err := open(ctx, dir, o.latency, programs)
	if err != nil {
		return err
	}
	defer a.close()
	questions, err := a.questions(ctx, o.queries)
	if err != nil {
		return err
	}
	if _, err := a.compareAll(ctx, questions); err != nil {
		return err
	}
	if _, err := measureAll(ctx, a.servers, questions, 1, lateWarmUps); err != nil {
		return err
	}
	c.late, err = measureAll(ctx, a.servers, questions, lateRounds, o.requests/lateShare)
	return err
}
