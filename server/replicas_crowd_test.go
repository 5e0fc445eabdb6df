package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"crmgraph/upstream/sandbox"
)

// replicasCrowd are clients of two gateways and two managers who know what they should get.
type replicasCrowd struct {
	urls           [2]string // of the gateways
	authorizations [2]string // of the managers
	bodies         []string
	want           [2][]reply // by manager and body
	cancel         context.CancelFunc
	wait           sync.WaitGroup

	mu      sync.Mutex
	got     int
	faults  []string
	slowest time.Duration
}

func newReplicasCrowd(t *testing.T, crms *sandbox.Sandbox, a, b *instance) *replicasCrowd {
	t.Helper()
	c := &replicasCrowd{urls: [2]string{a.url + "/graphql", b.url + "/graphql"}}
	for _, project := range projectsOf(t, crms, 10) {
		c.bodies = append(c.bodies,
			fmt.Sprintf(`{"query":"{ tasks(status: PLANNED, first: 2) { nodes { id comment } } project(id: %d) { name steps { name } } }"}`, project))
	}
	for manager, id := range crms.ManagerIDs() {
		c.authorizations[manager] = "Bearer " + crms.TokenValidFor(id, 24*time.Hour)
		for _, body := range c.bodies {
			want := postQuery(t, a, body, c.authorizations[manager])
			c.want[manager] = append(c.want[manager], want)
		}
	}
	return c
}

func (c *replicasCrowd) start(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	c.cancel = cancel
	t.Cleanup(c.stop)
	for n := range 8 {
		c.wait.Go(func() {
			chance := rand.New(rand.NewPCG(uint64(n), 3))
			pace := time.NewTicker(25 * time.Millisecond)
			defer pace.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-pace.C:
				}
				// Stopping waits for the answer, so that none fails for being stopped.
				c.ask(context.WithoutCancel(ctx), n%2, n/2%2, chance.IntN(len(c.bodies)))
			}
		})
	}
}

func (c *replicasCrowd) stop() {
	c.cancel()
	c.wait.Wait()
}

func (c *replicasCrowd) ask(ctx context.Context, gateway, manager, body int) {
	began := time.Now()
	got, _, err := send(ctx, http.MethodPost, c.urls[gateway], c.bodies[body], queryHeader(c.authorizations[manager]))
	took := time.Since(began)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.got++
	c.slowest = max(c.slowest, took)
	if want := c.want[manager][body]; (err != nil || got != want) && len(c.faults) < 10 {
		c.faults = append(c.faults, fmt.Sprintf("manager %d at gateway %d: got %+v, %v, want %+v", manager, gateway, got, err, want))
	}
}

func (c *replicasCrowd) answers() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.got
}
