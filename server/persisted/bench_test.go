package persisted_test

import (
	"encoding/json"
	"os"
	"testing"

	"crmgraph/server/graphqlhttp"
	"crmgraph/server/persisted"
)

// BenchmarkDocument is what a request costs beyond the operation itself.
func BenchmarkDocument(b *testing.B) {
	content, err := os.ReadFile("testdata/relay.json")
	if err != nil {
		b.Fatal(err)
	}
	var documents map[string]string
	if err := json.Unmarshal(content, &documents); err != nil {
		b.Fatal(err)
	}
	const id = "74221e4de092ffd1e32291f1c18b15ff"
	document := documents[id]
	named := map[string]any{"persistedQuery": map[string]any{"version": json.Number("1"), "sha256Hash": sum(document)}}
	for _, bench := range []struct {
		name   string
		mode   persisted.Mode
		params graphqlhttp.Params
	}{
		{"a document/off", persisted.Off, graphqlhttp.Params{Query: document}},
		{"a document/required", persisted.Required, graphqlhttp.Params{Query: document}},
		{"a document written otherwise/required", persisted.Required, graphqlhttp.Params{Query: document + "\n"}},
		{"an id/required", persisted.Required, graphqlhttp.Params{DocumentID: id}},
		{"a hash/required", persisted.Required, graphqlhttp.Params{Extensions: named}},
		{"a hash and its document/off", persisted.Off, graphqlhttp.Params{Query: document, Extensions: named}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			d, err := persisted.New(persisted.Options{Manifests: []string{"testdata/relay.json"}, Mode: bench.mode, Automatic: true})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				params := bench.params
				if refused := d.Document(b.Context(), &params); refused != nil {
					b.Fatal(refused)
				}
			}
		})
	}
}
