package cache_test

import (
	"context"
	"strconv"
	"testing"

	"crmgraph/upstream"
	"crmgraph/upstream/cache"
)

// instant is a question that is answered at once, with a stack about as deep as a real call.
func instant(id string) *question {
	body := []byte(`{"id":1}`)
	return &question{
		key:        upstream.Key{Service: upstream.Solos, Operation: "steps", Scope: "company", ID: id, Query: "date_from=2026-01-01"},
		credential: "token",
		ask: func(context.Context) (*upstream.Body, error) {
			deep(8)
			return upstream.NewBody(200, body), nil
		},
		read: func(body []byte) (any, error) { return len(body), nil },
	}
}

// deep uses about a kilobyte of stack a level.
//
//go:noinline
func deep(levels int) byte {
	var frame [1024]byte
	if levels > 0 {
		frame[levels] = deep(levels - 1)
	}
	return frame[levels]
}

func BenchmarkKept(b *testing.B) {
	c := open(b, cache.Options{})
	q := instant("1")
	if _, err := c.Get(b.Context(), q, upstream.Terms{}); err != nil {
		b.Fatal(err)
	}
	b.Run("one", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, ok := c.Kept(b.Context(), q, upstream.Terms{}); !ok {
				b.Fatal("not kept")
			}
		}
	})
	b.Run("parallel", func(b *testing.B) {
		b.ReportAllocs()
		ctx := b.Context()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, _, ok := c.Kept(ctx, q, upstream.Terms{}); !ok {
					b.Error("not kept")
				}
			}
		})
	})
}

// BenchmarkMiss compares a call through the cache with the call alone.
func BenchmarkMiss(b *testing.B) {
	ask := func(ctx context.Context, q upstream.Question) error {
		body, err := q.Ask(ctx)
		if err != nil {
			return err
		}
		_, _, err = q.Read(body.Bytes())
		body.Release()
		return err
	}
	questions := make([]*question, 4096)
	for i := range questions {
		questions[i] = instant(strconv.Itoa(i))
	}
	b.Run("bare", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if err := ask(b.Context(), questions[i%len(questions)]); err != nil {
				b.Fatal(err)
			}
		}
	})
	for name, terms := range map[string]upstream.Terms{"kept": {NoCache: true}, "unkept": {NoStore: true}} {
		c := open(b, cache.Options{})
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := c.Get(b.Context(), questions[i%len(questions)], terms); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/parallel", func(b *testing.B) {
			b.ReportAllocs()
			ctx := b.Context()
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					if _, err := c.Get(ctx, questions[i%len(questions)], terms); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
