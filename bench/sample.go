package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"
)

// sample is what a number of requests with one query to one server took.
type sample struct {
	cpu       []float64 // milliseconds a request, one figure a round
	mallocs   []float64 // objects a request, one figure a round
	latencies []time.Duration
}

// measure adds a round of requests, one after the other.
func (s *sample) measure(ctx context.Context, on *server, request []byte, count int) error {
	c, err := newClient(ctx, on.address)
	if err != nil {
		return err
	}
	defer c.close()
	objects, err := on.mallocs(ctx)
	if err != nil {
		return err
	}
	used, err := on.cpu()
	if err != nil {
		return err
	}
	for range count {
		took, err := c.ask(request)
		if err != nil {
			return err
		}
		s.latencies = append(s.latencies, took)
	}
	usedAfter, err := on.cpu()
	if err != nil {
		return err
	}
	objectsAfter, err := on.mallocs(ctx)
	if err != nil {
		return err
	}
	s.cpu = append(s.cpu, milliseconds(usedAfter-used)/float64(count))
	s.mallocs = append(s.mallocs, (objectsAfter-objects)/float64(count))
	return nil
}

// measureAll measures all servers with all questions: in each round every server with
// every question, in a new order, so that a noisy while strikes them alike. A round has
// count requests, fewer of the heavy ones.
func measureAll(ctx context.Context, servers []*server, questions []question, rounds, count int) ([][]sample, error) {
	samples := make([][]sample, len(questions))
	for i := range samples {
		samples[i] = make([]sample, len(servers))
	}
	for round := range rounds {
		for i, q := range questions {
			for k := range servers {
				k = (k + round) % len(servers)
				if err := samples[i][k].measure(ctx, servers[k], q.request, max(1, count/q.Weight)); err != nil {
					return nil, fmt.Errorf("%s, %s: %w", servers[k].name, q.Name, err)
				}
			}
		}
	}
	return samples, nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// quantile returns the value below which a part of the values lies, by the nearest rank.
func quantile[T float64 | time.Duration](values []T, part float64) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max(0, int(math.Ceil(part*float64(len(sorted))))-1)]
}

// median is the middle value.
func median[T float64 | time.Duration](values []T) T { return quantile(values, 0.5) }
