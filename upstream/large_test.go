package upstream

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/jsonread"
)

// large is an answer of a little more than may be in memory without being counted.
var large = `"` + strings.Repeat("a", largeAnswer) + `"`

// TestLargeAnswersWaitForEachOther: whether or not a CRM tells their length, as many are in memory
// as there is room for, and what is small does not wait.
func TestLargeAnswersWaitForEachOther(t *testing.T) {
	t.Parallel()
	handler := func(w http.ResponseWriter, r *http.Request) {
		text := large
		switch r.URL.RawQuery {
		case "small":
			text = `"hello"`
		case "sized":
			w.Header().Set("Content-Length", strconv.Itoa(len(large)))
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Error(err)
		}
	}
	for name, rt := range map[string]http.RoundTripper{"the gateway's": newGatewayTransport(t), "net_http": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			caller := newTestCaller(t, CallerOptions{Transport: rt, Large: NewLargeAnswers(1)}, handler)
			get := func(query string, read func()) {
				err := do(t.Context(), caller, &Request{Call: &testCall, Query: query}, func(d *jsonread.Decoder) error {
					read()
					return d.Skip()
				})
				if err != nil {
					t.Errorf("%s: %v", query, err)
				}
			}
			var inMemory atomic.Int32
			var asking sync.WaitGroup
			for range 4 {
				for _, query := range []string{"sized", "chunked"} {
					asking.Go(func() {
						get(query, func() {
							if inMemory.Add(1) > 1 {
								t.Error("two large answers are in memory")
							}
							get("small", func() {})
							inMemory.Add(-1)
						})
					})
				}
			}
			asking.Wait()
		})
	}
}

// answering is a transport that answers everything with one text.
type answering string

func (a answering) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(a))), ContentLength: -1}, nil
}

// TestALargeAnswerWithoutRoom: who waits for room in vain is told so, which says nothing of the CRM.
func TestALargeAnswerWithoutRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		caller, err := NewCaller("http://crm.test", CallerOptions{Transport: answering(large), Large: NewLargeAnswers(0)})
		if err != nil {
			t.Fatal(err)
		}
		get := func(ctx context.Context, read func()) error {
			return do(ctx, caller, &Request{Call: &testCall}, func(d *jsonread.Decoder) error {
				read()
				return d.Skip()
			})
		}
		nothing := func() {}
		err = get(t.Context(), func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			failure := outcomeOf(t, get(ctx, nothing))
			failure.Text = ""
			if diff := cmp.Diff(outcome{Kind: Overloaded, Status: 200}, failure); diff != "" {
				t.Errorf("in vain (-want +got):\n%s", diff)
			}
			ctx, cancel = context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			if kind := outcomeOf(t, get(ctx, nothing)).Kind; kind != Canceled {
				t.Errorf("of a client that has gone: got %s, want %s", kind, Canceled)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := get(t.Context(), nothing); err != nil {
			t.Errorf("when there is room: %v", err)
		}
	})
}
