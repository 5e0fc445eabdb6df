package admission_test

import (
	"fmt"
	"strings"
	"testing"

	"crmgraph/graph/admission"
)

// bearable is the largest document of each kind, in bytes, that gqlparser alone is asked to
// validate; 64 KiB where nothing is said.
var bearable = map[string]int{
	"repeated fields":           16 << 10,
	"repeated objects":          16 << 10,
	"inline fragments":          16 << 10,
	"one name, other fields":    16 << 10,
	"spreads":                   64 << 10,
	"fragments spread together": 4 << 10,
	"doubling fragments":        16 << 10,
	"deep fields":               16 << 10,
	"chain of fragments":        64 << 10,
	"cyclic fragments":          4 << 10,
}

// BenchmarkBomb has what a document takes without limits, here and with gqlparser alone. A
// document that the default limits refuse takes next to nothing, as "limited" shows.
func BenchmarkBomb(b *testing.B) {
	schema := pets(b)
	limits := unlimited
	limits.MaxErrors = 20
	unlimited := newGate(b, schema, admission.Options{Limits: limits, CacheBytes: 1})
	limited := newGate(b, schema, admission.Options{CacheBytes: 1})
	for _, bomb := range bombs() {
		most := bearable[bomb.name]
		if most == 0 {
			most = 64 << 10
		}
		for _, size := range []int{1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20} {
			query := bomb.write(size)
			measure := func(name string, run func()) {
				b.Run(fmt.Sprintf("%s/%dKiB/%s", strings.ReplaceAll(bomb.name, " ", "_"), size>>10, name), func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						run()
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(size>>10), "ns/KiB")
				})
			}
			measure("gate", func() { _, _ = unlimited.Admit(b.Context(), query) })
			measure("limited", func() { _, _ = limited.Admit(b.Context(), query) })
			if size <= most {
				measure("gqlparser", func() { _ = stock(schema, query) })
			}
		}
	}
}

// BenchmarkKnown is a document whose verdict is kept.
func BenchmarkKnown(b *testing.B) {
	gate := newGate(b, pets(b), admission.Options{})
	for _, size := range []int{1 << 10, 16 << 10} {
		query := "{pet{" + strings.Repeat(" ", size) + "name}}"
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, errs := gate.Admit(b.Context(), query); len(errs) > 0 {
					b.Fatal(errs)
				}
			}
		})
	}
}
