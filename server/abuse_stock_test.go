package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"testing"
	"time"

	"crmgraph/upstream/sandbox"
)

// What the other server is given.
const (
	stockMemory   = 8_000_000_000 // of address space, in bytes
	stockPatience = 5 * time.Second
)

// attackStock makes the attacks on a server as gqlgen's documentation teaches it that mean something to
// it. Each finds a new process where the last one still has something to do.
func attackStock(t *testing.T, crms *sandbox.Sandbox, token string, attacks []attack, table *attackTable) {
	t.Helper()
	table.stock = true
	binary := build(t, "../bench/stock", "stock")
	var server *attacked
	for i, a := range attacks {
		if !a.onStock {
			continue
		}
		if server == nil {
			server = startStock(t, binary, token, environment(crms))
		}
		answer, usable := stockCost(t, server, a)
		table.rows[i].stock = answer
		if !usable {
			server.kill()
			server = nil
		}
	}
}

// stockCost is what an attack took of the other server, for the table, and whether the server can be
// attacked again.
func stockCost(t *testing.T, server *attacked, a attack) (row string, usable bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), stockPatience)
	defer cancel()
	start := server.cpu(t)
	got, err := a.make(ctx, server, 0)
	if !server.runs() {
		return "has ended |", false
	}
	spent := server.cpu(t) - start
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Sprintf("still running after %v | %s", stockPatience, milliseconds(spent)), false
	case err != nil:
		return "hangs up | " + milliseconds(spent), true
	}
	return fmt.Sprintf("%s | %s", got, milliseconds(spent/max(1, duration(a.requests)))), true
}

func (a *attacked) runs() bool {
	select {
	case <-a.logged:
		return false
	default:
		return true
	}
}

// startStock starts the other server and waits until it listens.
func startStock(t *testing.T, binary, token string, env []string) *attacked {
	t.Helper()
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(freePort(t)))
	server := startProcess(t, append(env, "CRMGRAPH_LISTEN="+address), "prlimit", "--as="+strconv.Itoa(stockMemory), binary)
	server.address, server.token = address, token
	await(t, "the other server listens", func() bool {
		_, err := post(t.Context(), server, usual, nil)
		return err == nil
	})
	for range 200 {
		_, _ = post(t.Context(), server, usual, nil)
	}
	return server
}
