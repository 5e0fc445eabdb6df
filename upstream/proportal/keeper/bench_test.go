package keeper_test

import (
	"testing"

	"crmgraph/upstream/proportal/keeper"
)

func BenchmarkToken(b *testing.B) {
	k, err := keeper.New(keeper.Options{Login: new(portal).login})
	if err != nil {
		b.Fatal(err)
	}
	defer k.Close()
	b.Run("Token", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := k.Token(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Header", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := k.Header(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
