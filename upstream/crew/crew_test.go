package crew_test

import (
	"sync"
	"testing"

	"go.uber.org/goleak"

	"crmgraph/upstream/crew"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestJobsRunTogether: each waits until all have begun, twice as many as are kept for.
func TestJobsRunTogether(t *testing.T) {
	t.Parallel()
	c := crew.New()
	const jobs = 512
	for range 3 {
		var begun, done sync.WaitGroup
		begun.Add(jobs)
		done.Add(jobs)
		for range jobs {
			c.Go(func() {
				begun.Done()
				begun.Wait()
				done.Done()
			})
		}
		done.Wait()
	}
	c.Close()
	c.Wait()
}

// TestGoAfterClose: what still runs while a server ends may need goroutines.
func TestGoAfterClose(t *testing.T) {
	t.Parallel()
	c := crew.New()
	c.Go(func() {})
	c.Close()
	ran := make(chan struct{})
	c.Go(func() { close(ran) })
	<-ran
	c.Wait()
}

func BenchmarkGo(b *testing.B) {
	c := crew.New()
	defer c.Close()
	run := map[string]func(func()){"crew": c.Go, "go": func(job func()) { go job() }}
	for name, start := range run {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var done sync.WaitGroup
				for range 100 {
					done.Add(1)
					start(func() {
						deep(40)
						done.Done()
					})
				}
				done.Wait()
			}
		})
	}
}

// deep takes as much stack as an upstream call.
//
//go:noinline
func deep(calls int) byte {
	var frame [200]byte
	if calls > 0 {
		frame[calls] = deep(calls - 1)
	}
	return frame[calls]
}
