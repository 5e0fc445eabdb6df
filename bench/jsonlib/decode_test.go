package jsonlib

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"testing"

	"crmgraph/upstream"
	"crmgraph/upstream/sandbox"
	"crmgraph/upstream/solos"
)

func dialects() []sandbox.Dialect {
	return []sandbox.Dialect{sandbox.DialectReference, sandbox.DialectResource}
}

// TestSameValues makes sure that no library is fast because it leaves things out.
func TestSameValues(t *testing.T) {
	t.Parallel()
	for _, dialect := range dialects() {
		for _, a := range answers(t, dialect) {
			want := plain(dialect, a.name)
			if err := json.Unmarshal(a.body, want); err != nil {
				t.Fatalf("%s, %s: %v", a.name, dialect, err)
			}
			if n := elements(want); n != a.elements {
				t.Errorf("%s, %s: %d elements, the client has %d", a.name, dialect, n, a.elements)
			}
			for _, lib := range libraries() {
				body := bytes.Clone(a.body)
				got := plain(dialect, a.name)
				if err := lib.unmarshal(body, got); err != nil {
					t.Errorf("%s, %s with %s: %v", a.name, dialect, lib.name, err)
				}
				clear(body) // as the next answer will overwrite it
				if !reflect.DeepEqual(got, want) {
					t.Errorf("%s, %s with %s: other values than encoding/json's", a.name, dialect, lib.name)
				}
			}
		}
	}
}

// elements counts the elements of what plain returned.
func elements(value any) int {
	v := reflect.Indirect(reflect.ValueOf(value))
	for v.Kind() == reflect.Struct {
		switch list := v.FieldByName("Data"); {
		case list.IsValid():
			v = list
		case v.FieldByName("Payload").IsValid():
			v = v.FieldByName("Payload")
		default:
			return 1
		}
	}
	return v.Len()
}

func BenchmarkDecode(b *testing.B) {
	for _, dialect := range dialects() {
		for _, a := range answers(b, dialect) {
			name := a.name + "/" + string(dialect) + "/"
			b.Run(name+"crmgraph", func(b *testing.B) {
				b.SetBytes(int64(len(a.body)))
				b.ReportAllocs()
				for b.Loop() {
					if n, err := a.client(b.Context()); err != nil || n != a.elements {
						b.Fatalf("%d elements, %v", n, err)
					}
				}
			})
			for _, lib := range libraries() {
				b.Run(name+lib.name, func(b *testing.B) {
					b.SetBytes(int64(len(a.body)))
					b.ReportAllocs()
					for b.Loop() {
						if err := lib.unmarshal(a.body, plain(dialect, a.name)); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}

// BenchmarkCall is what a call of a client costs beside decoding: part of each figure of
// the clients in BenchmarkDecode.
func BenchmarkCall(b *testing.B) {
	opts := solos.Options{CallerOptions: upstream.CallerOptions{Transport: emptyList{}}}
	c, err := solos.New("http://crm.example", "token", "secret", opts)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.ListSteps(b.Context(), 1, solos.StepsOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

// emptyList is a transport that answers everything with an empty list.
type emptyList struct{}

func (emptyList) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, ContentLength: 2, Body: io.NopCloser(bytes.NewReader([]byte("[]"))), Request: req,
	}, nil
}
