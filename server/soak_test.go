package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"crmgraph/upstream/crew"
	"crmgraph/upstream/sandbox"
)

// samples is how often memory and goroutines are measured in a soak.
const samples = 20

// TestSoak keeps a gateway busy while CRMs fail and come back, answers are purged and
// clients leave, for as long as CRMGRAPH_TEST_SOAK says (10m by hand, 2s unless set). Memory
// and goroutines must level off, and nothing may be left behind. It runs alone, as both are
// those of the whole process.
func TestSoak(t *testing.T) {
	runtime.GC()
	before := goleak.IgnoreCurrent()
	s := startSoak(t)
	table := s.run(t, durationFrom(t, "CRMGRAPH_TEST_SOAK", 2*time.Second))
	s.end(t)
	client.CloseIdleConnections()
	goleak.VerifyNone(t, before)

	var text strings.Builder
	fmt.Fprintf(&text, "\n%8s %10s %10s %10s %8s %9s %11s", "time", "requests", "canceled", "CRM calls", "answers", "heap MiB", "goroutines")
	for _, row := range table {
		fmt.Fprintf(&text, "\n%8s %10d %10d %10d %8d %9.1f %11d",
			row.at.Round(100*time.Millisecond), row.requests, row.canceled, row.calls, row.answers, float64(row.heap)/(1<<20), row.goroutines)
	}
	t.Log(text.String())
	for _, code := range s.tally.codes() {
		t.Log(code)
	}
	// What grows without end is higher throughout the last quarter than ever in the first half.
	begin, end := table[:samples/2], table[samples*3/4:]
	heap := func(s sample) int { return int(s.heap) }
	if least, most := lowest(end, heap), highest(begin, heap); least > most+most/10+2<<20 {
		t.Errorf("heap: at least %d bytes in the last quarter, at most %d in the first half", least, most)
	}
	// Resolvers and flights have crews, the former with turns, whose idle goroutines a short run has
	// not all seen.
	const crews = 3 * crew.MaxIdle
	goroutines := func(s sample) int { return s.goroutines }
	if least, most := lowest(end, goroutines), highest(begin, goroutines); least > most+most/10+20+crews {
		t.Errorf("goroutines: at least %d in the last quarter, at most %d in the first half", least, most)
	}
	if last := table[len(table)-1]; last.requests < samples || last.calls < samples {
		t.Errorf("got %d requests and %d calls of CRMs, which is no load", last.requests, last.calls)
	}
}

// sample is what is measured while nothing runs.
type sample struct {
	at                        time.Duration
	requests, canceled, calls int
	answers                   int // kept
	heap                      uint64
	goroutines                int
}

func lowest(of []sample, figure func(sample) int) int {
	return figure(slices.MinFunc(of, func(a, b sample) int { return figure(a) - figure(b) }))
}

func highest(of []sample, figure func(sample) int) int {
	return figure(slices.MaxFunc(of, func(a, b sample) int { return figure(a) - figure(b) }))
}

// soak is a gateway under load.
type soak struct {
	*instance
	crms   *sandbox.Sandbox
	errors *errorLog
	load   *load
	tally  *tally
	admin  string
}

func startSoak(t *testing.T) *soak {
	t.Helper()
	crms, err := sandbox.Start(sandbox.Options{Managers: 3, Customers: 60, Tasks: 200, Projects: 80})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	i := &instance{log: newWatchedLog(), stop: stop, done: make(chan error, 1)}
	failures := &errorLog{start: i.log}
	args := []string{
		"--listen=127.0.0.1:0", "--metrics-listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--admin-token=operators",
		"--cache-ttl=*=100ms", "--cache-stale-while-revalidate=300ms", "--cache-stale-if-error=2s", "--cache-size=4MiB",
		"--proportal-timeout=300ms", "--solos-timeout=300ms", "--upstream-breaker-delay=100ms", "--no-request-shed",
	}
	go func() { i.done <- run(ctx, args, environment(crms), io.Discard, failures) }()
	select {
	case address := <-i.log.address:
		i.url = "http://" + address
	case err := <-i.done:
		stop()
		t.Fatalf("the program ended: %v", err)
	}
	s := &soak{instance: i, crms: crms, errors: failures, tally: newTally(), admin: "http://" + adminAddress(t, i)}
	s.load = &load{url: i.url, crms: crms, tally: s.tally, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: loaders}}}
	return s
}

// run loads the gateway for d and measures it every so often.
func (s *soak) run(t *testing.T, d time.Duration) (table []sample) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), d+time.Minute)
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	for n := range loaders {
		running.Go(func() { s.load.run(ctx, uint64(n)) })
	}
	running.Go(func() { s.trouble(ctx, d/samples/5) })
	began := time.Now()
	due := time.NewTicker(d / samples)
	defer due.Stop()
	calls := 0
	for range samples {
		<-due.C
		s.load.pause.Lock()
		for _, n := range s.crms.Calls() {
			calls += n
		}
		s.crms.Reset() // which also forgets the requests that the emulated CRMs remember
		row := s.measure(t)
		s.load.pause.Unlock()
		row.at, row.calls = time.Since(began), calls
		table = append(table, row)
	}
	return table
}

// measure is called while there is no load.
func (s *soak) measure(t *testing.T) sample {
	t.Helper()
	var now figures
	await(t, "calls in the background end", func() bool {
		now = figuresOf(t, s.instance)
		return now.inFlight("proportal")+now.inFlight("solos") == 0
	})
	runtime.GC()
	runtime.GC() // what pools held goes the second time
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return sample{
		requests: int(s.tally.requests.Load()), canceled: int(s.tally.canceled.Load()),
		answers: int(now["crmgraph_cache_entries"]), heap: memory.HeapAlloc, goroutines: runtime.NumGoroutine(),
	}
}

// end stops everything.
func (s *soak) end(t *testing.T) {
	t.Helper()
	s.load.client.CloseIdleConnections()
	if err := s.instance.end(); err != nil {
		t.Errorf("the program ended with %v, want no error", err)
	}
	if err := s.crms.Close(); err != nil {
		t.Error(err)
	}
	for _, line := range s.errors.found() {
		t.Errorf("log: %s", line)
	}
	for _, fault := range s.tally.faults() {
		t.Error(fault)
	}
}

// errorLog passes a log on until the program listens, and then keeps the first errors in it:
// whole, the log of a soak would be what grows.
type errorLog struct {
	start     *watchedLog
	listening atomic.Bool
	mu        sync.Mutex
	errors    []string
}

// Write takes one line, as slog writes them.
func (l *errorLog) Write(line []byte) (int, error) {
	if !l.listening.Load() {
		l.listening.Store(bytes.Contains(line, []byte(`"msg":"listening"`)))
		return l.start.Write(line)
	}
	if bytes.Contains(line, []byte(`"level":"ERROR"`)) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if len(l.errors) < 10 {
			l.errors = append(l.errors, string(line))
		}
	}
	return len(line), nil
}

func (l *errorLog) found() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.errors)
}
