package main

import (
	"context"
	"fmt"
	"time"

	"crmgraph/bench/queries"
)

// program is a candidate that is built.
type program struct {
	candidate
	command []string
}

// arena is one sandbox with servers in front of it.
type arena struct {
	crms    *sandbox
	servers []*server
}

// open starts a sandbox of a latency and the programs.
func open(ctx context.Context, dir string, latency time.Duration, programs []program) (*arena, error) {
	crms, err := startSandbox(ctx, dir, latency)
	if err != nil {
		return nil, err
	}
	a := &arena{crms: crms}
	for _, p := range programs {
		s, err := startServer(ctx, dir, p.candidate, p.command, crms)
		if err != nil {
			a.close()
			return nil, err
		}
		a.servers = append(a.servers, s)
	}
	return a, nil
}

// close stops everything.
func (a *arena) close() {
	for _, s := range a.servers {
		s.stop()
	}
	a.crms.process.stop()
}

// question is a query and the request that asks it.
type question struct {
	queries.Query
	request []byte
}

// questions makes the requests of some queries, with a fresh token.
func (a *arena) questions(ctx context.Context, asked []queries.Query) ([]question, error) {
	token, err := a.crms.token(ctx)
	if err != nil {
		return nil, err
	}
	questions := make([]question, len(asked))
	for i, query := range asked {
		request, err := newRequest(query, token)
		if err != nil {
			return nil, err
		}
		questions[i] = question{Query: query, request: request}
	}
	return questions, nil
}

// askOnce asks a server once and returns the answer and the upstream calls that it took.
func (a *arena) askOnce(ctx context.Context, s *server, q question) ([]byte, map[string]int, error) {
	if err := a.crms.reset(ctx); err != nil {
		return nil, nil, err
	}
	c, err := newClient(ctx, s.address)
	if err != nil {
		return nil, nil, err
	}
	defer c.close()
	if _, err := c.ask(q.request); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", s.name, err)
	}
	calls, err := a.crms.calls(ctx)
	return c.response.Body, calls, err
}
