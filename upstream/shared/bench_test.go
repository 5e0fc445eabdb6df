package shared

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"crmgraph/upstream/cache"
)

// body returns 20 KB that look like a page of tasks.
func body() []byte {
	var b strings.Builder
	b.WriteString("[")
	for i := 0; b.Len() < 20_000; i++ {
		fmt.Fprintf(&b, `{"id":%d,"status":"planned","customer":{"id":%d,"name":"ООО Ромашка %d"},"created":"2026-%02d-%02dT10:%02d:00Z"},`,
			100_000+i*7, 5_000+i*i%977, i, 1+i%12, 1+i%28, i%60)
	}
	return []byte(b.String()[:20_000])
}

func BenchmarkSeal(b *testing.B) {
	c := testCodec(b, DefaultMaxValue)
	v := value{at: time.Now(), body: body()}
	b.SetBytes(int64(len(v.body)))
	b.ReportAllocs()
	for b.Loop() {
		c.seal("name", v)
	}
	b.ReportMetric(float64(len(c.seal("name", v))), "stored-bytes")
}

func BenchmarkOpen(b *testing.B) {
	c := testCodec(b, DefaultMaxValue)
	v := value{at: time.Now(), body: body()}
	sealed := c.seal("name", v)
	b.SetBytes(int64(len(v.body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.open("name", sealed); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	for _, bench := range []struct {
		name string
		keep time.Duration
	}{{"client's cache", clientKeep}, {"Redis", 0}} {
		b.Run(bench.name, func(b *testing.B) {
			s := opened(b, optionsFor(startServer(b).url()))
			put(b, s, tasksOf("7"), cache.Stored{Body: body(), At: time.Now()})
			name := s.names.answer(tasksOf("7"))
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := s.read(b.Context(), name, bench.keep); !ok {
					b.Fatal("not found")
				}
			}
		})
	}
}

// The first reading of an answer, which is the usual one, with what keeping track of it costs.
func BenchmarkGetNothing(b *testing.B) {
	for _, bench := range []struct {
		name string
		keep time.Duration
	}{{"tracked", clientKeep}, {"untracked", 0}} {
		b.Run(bench.name, func(b *testing.B) {
			s := opened(b, optionsFor(startServer(b).url()))
			key := tasksOf("7")
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				key.ID = fmt.Sprint(i)
				s.read(b.Context(), s.names.answer(key), bench.keep)
			}
		})
	}
}

func BenchmarkGetWhileDown(b *testing.B) {
	s := open(b, optionsFor("redis://127.0.0.1:1"))
	b.ReportAllocs()
	for b.Loop() {
		s.Get(b.Context(), tasksOf("7"))
	}
}

func BenchmarkPut(b *testing.B) {
	s := opened(b, optionsFor(startServer(b).url()))
	key, stored := tasksOf("7"), cache.Stored{Body: body(), At: time.Now()}
	b.ReportAllocs()
	for b.Loop() {
		s.Put(key, stored, time.Hour)
	}
	b.ReportMetric(float64(s.Stats().Overflowed)/float64(b.N), "overflowed/op")
}
