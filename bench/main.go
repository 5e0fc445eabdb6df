// Command bench compares crmgraph with other servers that answer the same queries from
// the same CRMs, and prints what it finds as Markdown. It is run in its own folder:
//
//	go run . [-servers LIST] [-queries LIST] [-load]
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"crmgraph/bench/queries"
)

// options are what can be chosen of a run.
type options struct {
	servers  []candidate
	queries  []queries.Query
	requests int
	rounds   int
	latency  time.Duration
	load     bool
	loadTime time.Duration
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o, err := parseOptions(os.Args[1:])
	if err == nil {
		err = run(ctx, o, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func parseOptions(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	servers := flags.String("servers", "baseline,crmgraph,unchanged,stock,mercurius", "which servers, in the order of the report")
	asked := flags.String("queries", "Q1,Q2,Q3,Q4", "which queries")
	flags.IntVar(&o.requests, "requests", 400, "requests with Q1, Q3 or Q4 in a round; with Q2 a quarter")
	flags.IntVar(&o.rounds, "rounds", 7, "rounds in which CPU is measured")
	flags.DurationVar(&o.latency, "latency", 20*time.Millisecond, "what the CRMs take for an answer where latency is measured; 0 to leave that out")
	flags.BoolVar(&o.load, "load", false, "put load on the servers instead: 1, 10 and 100 clients, small and large pages")
	flags.DurationVar(&o.loadTime, "load-time", 3*time.Second, "how long each load lasts")
	var settings []string
	flags.Func("env", "a variable for crmgraph, as NAME=VALUE; repeatable", func(setting string) error {
		settings = append(settings, setting)
		return nil
	})
	_ = flags.Parse(args) // it exits
	var err error
	if o.servers, err = named(*servers); err != nil {
		return o, err
	}
	for i := range o.servers {
		if o.servers[i].metrics != "" { // it is the real program
			o.servers[i].env = slices.Concat(o.servers[i].env, settings)
		}
	}
	o.queries, err = queries.Named(*asked)
	return o, err
}

// run measures below a new folder, which it leaves behind where something fails: what the
// processes wrote to standard error is there.
func run(ctx context.Context, o options, out io.Writer) error {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	if err := measure(ctx, o, dir, out); err != nil {
		return fmt.Errorf("%w (logs are in %s)", err, dir)
	}
	return os.RemoveAll(dir)
}

// measure builds what it needs, measures, and prints the report.
func measure(ctx context.Context, o options, dir string, out io.Writer) error {
	programs, err := build(ctx, dir, o.servers)
	if err != nil {
		return err
	}
	r := &report{out: out}
	if o.load {
		loads, err := runLoad(ctx, o, dir, programs)
		if err != nil {
			return err
		}
		r.line("%s", machine(ctx))
		printLoads(r, loads)
		return r.err
	}
	found, err := runCompare(ctx, o, dir, programs)
	if err != nil {
		return err
	}
	r.line("%s", machine(ctx))
	r.line("%d rounds of %d requests with Q1, Q3 and Q4, a quarter with Q2, one after the other.", o.rounds, o.requests)
	found.print(r)
	return r.err
}

// build makes the sandbox and the servers ready to run.
func build(ctx context.Context, dir string, servers []candidate) ([]program, error) {
	if err := command(ctx, "..", "go", "build", "-o", crmgraphBinary(dir), "./server"); err != nil {
		return nil, err
	}
	programs := make([]program, len(servers))
	for i, c := range servers {
		command, err := c.build(ctx, dir)
		if err != nil {
			return nil, err
		}
		programs[i] = program{candidate: c, command: command}
	}
	return programs, nil
}
