package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"crmgraph/upstream/sandbox"
)

// BenchmarkLatency answers over CRMs that take 20 ms a call and prints how long the
// median answer takes beyond 20 ms a round. Client, gateway and both emulated CRMs share
// the process. The data set of 200 projects is the default one; with 700 the dashboard
// takes many more calls.
func BenchmarkLatency(b *testing.B) {
	const latency = 20 * time.Millisecond
	defer debug.SetGCPercent(debug.SetGCPercent(gcPercent)) // as the server does
	for _, projects := range []int{200, 700} {
		g := newGateway(b, sandbox.Options{Latency: latency, Projects: projects}, false)
		b.Run(fmt.Sprint(projects, "_projects"), func(b *testing.B) { benchmarkLatency(b, g, latency) })
	}
}

func benchmarkLatency(b *testing.B, g *gateway, latency time.Duration) {
	server := httptest.NewServer(g.handler)
	b.Cleanup(server.Close)
	for _, query := range measuredQueries() {
		b.Run(query.name, func(b *testing.B) {
			body := bodyOf(query.text)
			g.answer(b, body)
			g.crms.Reset()
			g.answer(b, body)
			calls := len(g.crms.Requests())
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				if err := g.ask(b, server.URL, body); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			over := took[len(took)/2] - time.Duration(query.rounds)*latency
			b.ReportMetric(float64(over)/float64(time.Millisecond), "ms-over-rounds")
			b.ReportMetric(float64(query.rounds), "rounds")
			b.ReportMetric(float64(calls), "calls")
		})
	}
}

// ask sends a query over HTTP and takes the answer as it comes.
func (g *gateway) ask(b *testing.B, url, body string) error {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, url+"/graphql", strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", g.authorization)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}
