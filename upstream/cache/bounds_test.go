package cache_test

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"crmgraph/upstream"
	"crmgraph/upstream/cache"
)

// large is a question whose answer takes three bytes of memory for each of its size.
func large(id, size int) *question {
	body := []byte(strings.Repeat(" ", size))
	return &question{
		key: upstream.Key{Service: upstream.Solos, Operation: "projects", Scope: "firm", ID: strconv.Itoa(id)},
		ask: func(context.Context) (*upstream.Body, error) { return upstream.NewBody(200, body), nil },
		read: func(body []byte) (any, error) {
			return make([]byte, 3*len(body)), nil
		},
	}
}

// TestMemoryIsBounded fills a cache several times over with answers of every size. It is not
// parallel to others, as it looks at the heap.
func TestMemoryIsBounded(t *testing.T) {
	for name, size := range map[string]int{"nothing": 0, "small": 300, "large": 100_000, "mixed": -1} {
		t.Run(name, func(t *testing.T) {
			const maxBytes = 16 << 20
			before := heap()
			c := open(t, cache.Options{MaxBytes: maxBytes})
			for i, filled := 0, 0; filled < 4*maxBytes; i++ {
				n := size
				if n < 0 {
					n = i % 7 * 20_000
				}
				if _, err := c.Get(t.Context(), large(i, n), anyTerms); err != nil {
					t.Fatal(err)
				}
				filled += int(cache.Size(upstream.Key{}, n))
			}
			stats := c.Stats()
			if stats.Bytes > maxBytes*11/10 || stats.Evicted == 0 {
				t.Errorf("reckoned to take %d bytes of at most %d after %d evictions", stats.Bytes, maxBytes, stats.Evicted)
			}
			if takes := heap() - before; takes > maxBytes*11/10 || stats.Entries == 0 {
				t.Errorf("%d entries take %d bytes of at most %d", stats.Entries, takes, maxBytes)
			}
		})
	}
}

func TestAnAnswerTooLargeIsServedAndNotKept(t *testing.T) {
	t.Parallel()
	c := open(t, cache.Options{MaxBytes: 1 << 20})
	small, huge := large(1, 10_000), large(1, 50_000)
	for _, q := range []*question{small, huge} {
		answer, err := c.Get(t.Context(), q, upstream.Terms{NoCache: true})
		if err != nil || answer.Value == nil {
			t.Fatalf("got %+v, %v", answer, err)
		}
		// What it replaces is out of date.
		if _, _, kept := c.Kept(t.Context(), q, anyTerms); kept != (q == small) {
			t.Errorf("an answer of %d bytes in a memory of a megabyte: kept is %t", answer.Bytes, kept)
		}
	}
}
