package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// many is how many requests the attacks have that are many.
const many = 1000

// floods are many requests, of which none is an attack but one kind.
func floods() []attack {
	times := func(n int, body func(i int) string) func(context.Context, *attacked, int) (seen, error) {
		return func(ctx context.Context, on *attacked, time int) (seen, error) {
			var all seen
			for i := range n {
				got, err := post(ctx, on, body(time*n+i), nil)
				if err != nil {
					return seen{}, err
				}
				if i > 0 && got != all {
					return seen{}, fmt.Errorf("got %v first, then %v", all, got)
				}
				all = got
			}
			return all, nil
		}
	}
	each := func(body func(i int) string) func(context.Context, *attacked, int) (seen, error) {
		return times(many, body)
	}
	large := func(i int) string {
		return fmt.Sprintf("{projects(first:1){nodes{%s}}} #%d", strings.Repeat("id ", 2400)+manyNames(300), i)
	}
	ok := seen{http.StatusOK, ""}
	return []attack{
		{name: "1,000 requests at once on one connection", requests: many, make: pipeline, want: ok},
		{name: "1,000 documents", floods: true, requests: many, make: each(func(i int) string {
			return operation(fmt.Sprintf("{viewer{id a%d:expiresAt}}", i), nil)
		}), want: ok},
		{name: "1,000 documents of 10 KB", floods: true, requests: many, make: each(func(i int) string { return operation(large(i), nil) }), want: ok},
		{name: "50 documents with answers that are too large", floods: true, requests: 50, make: times(50, func(i int) string {
			return operation(varied("{projects(first:10){nodes{"+within(2, actionsBack, manyNames(450), "}}}")+"}}}", i), nil)
		}), want: seen{294, "RESULT_TOO_LARGE"}},
		{name: "1,000 wrong documents of 10 KB", floods: true, requests: many, make: each(func(i int) string {
			return operation(strings.ReplaceAll(large(i), ":name", ":knots"), nil)
		}), want: seen{http.StatusUnprocessableEntity, "GRAPHQL_VALIDATION_FAILED"}},
		{name: "1,000 documents registered by their hash", floods: true, requests: many, make: each(func(i int) string {
			document := fmt.Sprintf("{viewer{id a%d:expiresAt}} #registered", i)
			return fmt.Sprintf(`{"query":%q,"extensions":{"persistedQuery":{"version":1,"sha256Hash":%q}}}`, document, sha256Hex(document))
		}), want: ok},
		{name: "1,000 hashes of nothing", requests: many, make: each(func(i int) string {
			return fmt.Sprintf(`{"extensions":{"persistedQuery":{"version":1,"sha256Hash":%q}}}`, sha256Hex(fmt.Sprint(i)))
		}), want: seen{http.StatusNotFound, "PERSISTED_QUERY_NOT_FOUND"}, onStock: true},
	}
}

func sha256Hex(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// pipeline writes many requests on one connection and does not wait for an answer.
func pipeline(ctx context.Context, on *attacked, _ int) (seen, error) {
	conn, err := dial(ctx, on)
	if err != nil {
		return seen{}, err
	}
	written := make(chan error, 1)
	go func() {
		var requests bytes.Buffer
		for range many {
			_ = head(on, &requests, fmt.Sprintf("Content-Length: %d\r\n", len(usual)))
			requests.WriteString(usual)
		}
		_, err := conn.Write(requests.Bytes())
		written <- err
	}()
	var all seen
	for range many {
		if all, err = conn.read(); err != nil || all.status != http.StatusOK {
			break
		}
	}
	_ = conn.Close()
	if failure := <-written; err == nil {
		err = failure
	}
	return all, err
}

// What may be added to the memory of the warm process. Verdicts, with their documents and plans, may have
// 32 MiB, a request with a large answer allocates 22 MB, and the collector lets the heap grow to four
// times what lives in it before it frees any.
const (
	maxFloodMemory = 192 << 20 // by a flood
	// maxFloodMore is what a further round may add to that of two: when the collector comes is chance.
	maxFloodMore      = 16 << 20
	maxTogetherMemory = 256 << 20 // by all attacks, one after the other
)

// maxRounds is how often a flood is made at most until a round takes no more memory.
const maxRounds = 6

// measureFlood makes a flood three times or more, of other requests each, and reports whether there is a
// round after the second that takes no more memory than those before it.
func measureFlood(t *testing.T, on *attacked, a attack) cost {
	t.Helper()
	var got cost
	var spent []time.Duration
	var peaks []int64
	before, peak := on.memory(t).now, int64(0)
	more := int64(maxFloodMore + 1)
	for time := 0; time < 3 || more > maxFloodMore && time < maxRounds; time++ {
		spent = append(spent, attemptOnce(t, on, a, time, &got))
		if got.err != nil {
			return got
		}
		last := peak
		peak = max(peak, on.memory(t).peak-before)
		more = peak - last
		peaks = append(peaks, peak>>20)
	}
	t.Logf("%s: MiB more after each round: %d", a.name, peaks)
	if more > maxFloodMore {
		t.Errorf("%s: the last of %d rounds took %d MiB of memory more, want %d MiB at most", a.name, len(peaks), more>>20, maxFloodMore>>20)
	}
	got.memory = peak
	if got.memory > maxFloodMemory {
		t.Errorf("%s: took %d MiB of memory, want %d MiB at most", a.name, got.memory>>20, maxFloodMemory>>20)
	}
	slices.Sort(spent)
	got.cpu = spent[len(spent)/2]
	return got
}

// attackWithAll makes all attacks on one process, one after the other.
func attackWithAll(t *testing.T, on *attacked, list []attack) {
	t.Helper()
	warmUp(t, on)
	on.forgetPeak(t)
	before := on.memory(t).now
	for _, a := range list {
		got, err := attempt(t.Context(), on, a, 0)
		if err != nil || got != a.want {
			t.Errorf("%s, after all others: got %v, %v, want %v", a.name, got, err, a.want)
		}
	}
	checkServes(t, on, "all attacks")
	grown := on.memory(t).peak - before
	t.Logf("all attacks on one process: %d MiB warm, %d MiB more at the peak", before>>20, grown>>20)
	if grown > maxTogetherMemory {
		t.Errorf("all attacks on one process: took %d MiB of memory, want %d MiB at most", grown>>20, maxTogetherMemory>>20)
	}
	checkEnds(t, on)
}
