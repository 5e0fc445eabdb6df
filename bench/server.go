package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"crmgraph/bench/rawhttp"
)

// candidate is a server that can be measured.
type candidate struct {
	name string
	// build makes it ready to run and returns its command line. Binaries go to dir.
	build func(ctx context.Context, dir string) ([]string, error)
	env   []string
	// metrics is the variable that has it tell metrics at another address; empty where it
	// does so at its own.
	metrics string
	// tells is whether it tells its allocations at all.
	tells bool
	// keeps is whether it answers again without asking the CRMs.
	keeps bool
}

// candidates are all servers, in the order of the report.
func candidates() []candidate {
	return []candidate{
		{name: "baseline", build: goBuild("baseline"), tells: true},
		{name: "crmgraph", build: builtAlready, tells: true, metrics: "CRMGRAPH_METRICS_LISTEN", env: []string{
			// The dashboard of 100 customers may take 605 calls.
			"CRMGRAPH_COST_MAX_CALLS=1000",
			// The others keep nothing, and each is to make the same calls every time.
			"CRMGRAPH_CACHE_SIZE=0",
		}},
		{name: "unchanged", build: builtAlready, tells: true, metrics: "CRMGRAPH_METRICS_LISTEN", env: []string{
			// Every answer is too old at once, but there to be compared with the next.
			"CRMGRAPH_COST_MAX_CALLS=1000", "CRMGRAPH_CACHE_TTL=*=1ns", "CRMGRAPH_CACHE_STALE_WHILE_REVALIDATE=0s",
		}},
		{name: "kept", build: builtAlready, tells: true, keeps: true, metrics: "CRMGRAPH_METRICS_LISTEN", env: []string{
			"CRMGRAPH_COST_MAX_CALLS=1000", "CRMGRAPH_CACHE_TTL=*=1h",
		}},
		{name: "stock", build: goBuild("stock"), tells: true},
		{name: "mercurius", build: npmInstall, env: []string{"NODE_ENV=production"}},
	}
}

// named returns the candidates whose names are in the comma-separated list.
func named(list string) ([]candidate, error) {
	var found []candidate
	for name := range strings.SplitSeq(list, ",") {
		at := slices.IndexFunc(candidates(), func(c candidate) bool { return c.name == name })
		if at < 0 {
			return nil, fmt.Errorf("unknown server %q", name)
		}
		found = append(found, candidates()[at])
	}
	return found, nil
}

// goBuild returns a build of one of the Go servers here.
func goBuild(name string) func(context.Context, string) ([]string, error) {
	return func(ctx context.Context, dir string) ([]string, error) {
		binary := filepath.Join(dir, name)
		return []string{binary}, command(ctx, ".", "go", "build", "-o", binary, "./"+name)
	}
}

// crmgraphBinary is the program itself below dir. It is always built: it has the sandbox.
func crmgraphBinary(dir string) string { return filepath.Join(dir, "crmgraph") }

func builtAlready(_ context.Context, dir string) ([]string, error) {
	return []string{crmgraphBinary(dir)}, nil
}

// npmInstall installs what the lock file names, once.
func npmInstall(ctx context.Context, _ string) ([]string, error) {
	if _, err := os.Stat("mercurius/node_modules"); err != nil {
		if err := command(ctx, "mercurius", "npm", "ci", "--no-audit", "--no-fund"); err != nil {
			return nil, err
		}
	}
	node, err := exec.LookPath("node")
	return []string{node, "mercurius/server.js"}, err
}

func command(ctx context.Context, folder, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = folder, os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s in %s: %w", name, strings.Join(args, " "), folder, err)
	}
	return nil
}

// server is a candidate that runs.
type server struct {
	candidate
	*process
	address        string
	metricsAddress string
}

// startServer starts a candidate in front of the CRMs of a sandbox.
func startServer(ctx context.Context, dir string, c candidate, command []string, crms *sandbox) (*server, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	s := &server{candidate: c, address: address, metricsAddress: address}
	env := slices.Concat(crms.env, c.env, []string{"CRMGRAPH_LISTEN=" + address})
	if c.metrics != "" {
		if s.metricsAddress, err = freeAddress(ctx); err != nil {
			return nil, err
		}
		env = append(env, c.metrics+"="+s.metricsAddress)
	}
	if s.process, err = startProcess(ctx, dir, c.name, command, env, nil); err != nil {
		return nil, err
	}
	if err := awaitListener(ctx, address); err != nil {
		s.stop()
		log, _ := os.ReadFile(s.log)
		return nil, fmt.Errorf("%s does not listen: %w\n%s", c.name, err, log)
	}
	return s, nil
}

// mallocs returns how many objects the server has allocated so far, 0 if it does not tell.
func (s *server) mallocs(ctx context.Context) (float64, error) {
	if !s.tells {
		return 0, nil
	}
	conn, err := rawhttp.Dial(ctx, s.metricsAddress)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.Send([]byte("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")); err != nil {
		return 0, err
	}
	var response rawhttp.Response
	if err := conn.Receive(&response); err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(response.Body)) {
		if value, found := strings.CutPrefix(line, "go_memstats_mallocs_total "); found {
			return strconv.ParseFloat(strings.TrimSpace(value), 64)
		}
	}
	return 0, fmt.Errorf("%s tells no allocations", s.name)
}
