package ratelimit_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmgraph/server/ratelimit"
)

// operation is one that runs for a viewer and makes calls.
type operation struct {
	viewer string
	calls  int
}

// gateway runs the operations of its requests as the graph does.
type gateway struct {
	limiter *ratelimit.Limiter
	errs    []error // of the operations of the last request
}

func newGateway(t *testing.T, opts ratelimit.Options) *gateway {
	t.Helper()
	limiter, err := ratelimit.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return &gateway{limiter: limiter}
}

// ask sends one request of these operations from an address.
func (g *gateway) ask(t *testing.T, address string, operations ...operation) *httptest.ResponseRecorder {
	t.Helper()
	g.errs = nil
	handler := g.limiter.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, op := range operations {
			err := g.limiter.Admit(r.Context(), op.viewer)
			g.errs = append(g.errs, err)
			if err == nil {
				g.limiter.Charge(r.Context(), op.calls)
			}
		}
		_, _ = io.WriteString(w, "answer")
	}))
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", nil)
	r.RemoteAddr = netip.AddrPortFrom(netip.MustParseAddr(address), 4711).String()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

// fields are what clients go by.
func fields(rec *httptest.ResponseRecorder) map[string]string {
	got := map[string]string{}
	for _, name := range []string{"RateLimit-Policy", "RateLimit", "Retry-After"} {
		if value := rec.Header().Get(name); value != "" {
			got[name] = value
		}
	}
	return got
}

func TestRequestsOfAClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, ratelimit.Options{Client: ratelimit.Allowances{Requests: 2}})
		const address, other = "203.0.113.7", "203.0.113.8"
		for _, left := range []string{`"client-requests";r=1;t=30`, `"client-requests";r=0;t=60`} {
			rec := g.ask(t, address, operation{})
			want := map[string]string{"RateLimit-Policy": `"client-requests";q=2;w=60`, "RateLimit": left}
			if diff := cmp.Diff(want, fields(rec)); rec.Code != http.StatusOK || diff != "" {
				t.Errorf("within the limit: got status %d (-want +got):\n%s", rec.Code, diff)
			}
		}
		refused := g.ask(t, address, operation{})
		want := map[string]string{"RateLimit-Policy": `"client-requests";q=2;w=60`, "RateLimit": `"client-requests";r=0;t=30`, "Retry-After": "30"}
		if diff := cmp.Diff(want, fields(refused)); refused.Code != http.StatusTooManyRequests || diff != "" {
			t.Errorf("beyond the limit: got status %d (-want +got):\n%s", refused.Code, diff)
		}
		const body = `{"errors":[{"message":"Too much was asked for in a short time; try again when Retry-After says.",` +
			`"extensions":{"code":"RATE_LIMIT_EXCEEDED","limit":2,"retryAfter":30,"value":3}}]}`
		if got := refused.Body.String(); got != body || len(g.errs) != 0 {
			t.Errorf("beyond the limit: got %s and %d operations run, want %s and none", got, len(g.errs), body)
		}
		if got := g.ask(t, other, operation{}).Code; got != http.StatusOK {
			t.Errorf("of another client: got %d, want 200", got)
		}
		time.Sleep(30 * time.Second)
		if got := g.ask(t, address, operation{}).Code; got != http.StatusOK {
			t.Errorf("after Retry-After: got %d, want 200", got)
		}
	})
}

// TestWhatIsLeftLastsAtThePaceOfThePolicy: a client that spreads what is left over the time it is
// told does not come faster than the policy means, even while nearly all is left.
func TestWhatIsLeftLastsAtThePaceOfThePolicy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const limit, window = 120, 60
		g := newGateway(t, ratelimit.Options{Client: ratelimit.Allowances{Requests: limit}, Window: window * time.Second})
		for n := 1; n <= limit; n++ {
			told := g.ask(t, "203.0.113.7").Header().Get("RateLimit")
			var left, seconds int
			if _, err := fmt.Sscanf(told, `"client-requests";r=%d;t=%d`, &left, &seconds); err != nil {
				t.Fatalf("request %d: got %q, %v", n, told, err)
			}
			if left != limit-n || seconds > window || left*window > limit*seconds {
				t.Errorf("request %d: got %q, want %d left, for long enough at %d in %d s", n, told, limit-n, limit, window)
			}
		}
	})
}

// TestOneSubscriberHasManyAddresses: an IPv6 client is its first 64 bits, whatever address of
// those it takes.
func TestOneSubscriberHasManyAddresses(t *testing.T) {
	t.Parallel()
	g := newGateway(t, ratelimit.Options{Client: ratelimit.Allowances{Requests: 1}})
	for _, test := range []struct {
		address string
		status  int
	}{
		{"2001:db8:1:2::1", 200},
		{"2001:db8:1:2:ffff::9", 429},
		{"2001:db8:1:3::1", 200},
		{"198.51.100.1", 200},
		{"198.51.100.2", 200},
	} {
		if got := g.ask(t, test.address).Code; got != test.status {
			t.Errorf("%s: got %d, want %d", test.address, got, test.status)
		}
	}
}

func TestRequestsOfAViewer(t *testing.T) {
	t.Parallel()
	g := newGateway(t, ratelimit.Options{Viewer: ratelimit.Allowances{Requests: 1}})
	if got := g.ask(t, "203.0.113.7", operation{viewer: "2"}).Code; got != http.StatusOK {
		t.Fatalf("the first: got %d, want 200", got)
	}
	// From wherever: a viewer has one allowance.
	refused := g.ask(t, "203.0.113.99", operation{viewer: "2"})
	if refused.Code != http.StatusTooManyRequests || refused.Header().Get("Retry-After") != "60" || refused.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("the second: got %d %v, want 429 after 60 s, kept by nobody", refused.Code, refused.Header())
	}
	var exceeded *ratelimit.ExceededError
	if !errors.As(g.errs[0], &exceeded) {
		t.Fatalf("the operation: got %v, want it refused", g.errs[0])
	}
	want := map[string]any{"code": "RATE_LIMIT_EXCEEDED", "limit": 1, "value": 2, "retryAfter": 60}
	if diff := cmp.Diff(want, exceeded.GraphQL().Extensions); diff != "" {
		t.Errorf("extensions (-want +got):\n%s", diff)
	}
	if got := g.ask(t, "203.0.113.7", operation{viewer: "3"}).Code; got != http.StatusOK {
		t.Errorf("another viewer: got %d, want 200", got)
	}
	long := strings.Repeat("v", 10_000)
	g.ask(t, "203.0.113.7", operation{viewer: long + "1"})
	if got := g.ask(t, "203.0.113.7", operation{viewer: long + "2"}).Code; got != http.StatusOK {
		t.Errorf("another viewer with a long id: got %d, want 200", got)
	}
}

// TestCallsAreChargedAfterwards: the operation that uses up the calls runs, the next waits.
func TestCallsAreChargedAfterwards(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, ratelimit.Options{Viewer: ratelimit.Allowances{Calls: 60}})
		for _, calls := range []int{0, 59, 31} {
			if got := g.ask(t, "203.0.113.7", operation{"2", calls}).Code; got != http.StatusOK {
				t.Fatalf("with calls left: got %d, want 200", got)
			}
		}
		// 30 too many were made; with the 31st second there is one again.
		refused := g.ask(t, "203.0.113.7", operation{"2", 1})
		if got, want := refused.Header().Get("Retry-After"), "31"; refused.Code != http.StatusTooManyRequests || got != want {
			t.Errorf("in debt: got %d, Retry-After %s, want 429 and %s", refused.Code, got, want)
		}
		time.Sleep(31 * time.Second)
		if got := g.ask(t, "203.0.113.7", operation{"2", 1}).Code; got != http.StatusOK {
			t.Errorf("after Retry-After: got %d, want 200", got)
		}
	})
}

// TestCallsOfAClient: they count for the address, whoever the viewers are.
func TestCallsOfAClient(t *testing.T) {
	t.Parallel()
	g := newGateway(t, ratelimit.Options{Client: ratelimit.Allowances{Calls: 10}})
	g.ask(t, "203.0.113.7", operation{"2", 5}, operation{"3", 5})
	if got := g.ask(t, "203.0.113.7", operation{"4", 1}).Code; got != http.StatusTooManyRequests {
		t.Errorf("with no call left: got %d, want 429", got)
	}
}

// TestBatches: each operation counts, those beyond the limit fail alone, and the rest of the
// answer stands.
func TestBatches(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]ratelimit.Options{
		"of a viewer": {Viewer: ratelimit.Allowances{Requests: 2}},
		"of a client": {Client: ratelimit.Allowances{Requests: 2}},
	} {
		g := newGateway(t, opts)
		rec := g.ask(t, "203.0.113.7", operation{viewer: "2"}, operation{viewer: "2"}, operation{viewer: "2"})
		if got, want := rec.Code, http.StatusOK; got != want {
			t.Errorf("%s: got status %d, want %d", name, got, want)
		}
		for i, refused := range []bool{false, false, true} {
			if got := g.errs[i] != nil; got != refused {
				t.Errorf("%s: operation %d refused: got %t, want %t", name, i, got, refused)
			}
		}
		if got := g.ask(t, "203.0.113.7", operation{viewer: "2"}).Code; got != http.StatusTooManyRequests {
			t.Errorf("%s: the next request: got %d, want 429", name, got)
		}
	}
}

// TestBatchesOfLogins: guesses do not come cheaper by the dozen.
func TestBatchesOfLogins(t *testing.T) {
	t.Parallel()
	g := newGateway(t, ratelimit.Options{Client: ratelimit.Allowances{Requests: 3}})
	g.ask(t, "203.0.113.7", make([]operation, 10)...)
	passed := 0
	for _, err := range g.errs {
		if err == nil {
			passed++
		}
	}
	if passed != 3 {
		t.Errorf("of ten logins in one request: got %d passed, want 3", passed)
	}
}

func TestNothingIsLimitedByDefault(t *testing.T) {
	t.Parallel()
	g := newGateway(t, ratelimit.Options{})
	for range 100 {
		if rec := g.ask(t, "203.0.113.7", operation{"2", 1000}); rec.Code != http.StatusOK || len(fields(rec)) > 0 {
			t.Fatalf("got %d %v, want 200 and no fields", rec.Code, fields(rec))
		}
	}
}

func TestWrongLimits(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]ratelimit.Options{
		"negative":          {Viewer: ratelimit.Allowances{Requests: -1}},
		"more than counted": {Client: ratelimit.Allowances{Calls: 600_001}},
		"a short window":    {Window: time.Millisecond},
		"a negative window": {Window: -time.Minute},
	} {
		if _, err := ratelimit.New(opts); err == nil {
			t.Errorf("%s: got no error, want one", name)
		}
	}
}

// remote is what replicas count in, or nothing while it is away.
type remote struct {
	*ratelimit.Memory
	away  bool
	asked int
}

func (r *remote) Take(ctx context.Context, key string, cost, limit int, window time.Duration) (int, time.Duration, bool, bool) {
	r.asked++
	if r.away {
		return 0, 0, false, false
	}
	left, reset, ok := r.Memory.Take(ctx, key, cost, limit, window)
	return left, reset, ok, true
}

func TestReplicasCountTogether(t *testing.T) {
	t.Parallel()
	together := &remote{Memory: ratelimit.NewMemory(0)}
	var replicas []*gateway
	for range 2 {
		replicas = append(replicas, newGateway(t, ratelimit.Options{
			Client: ratelimit.Allowances{Requests: 4},
			Store:  ratelimit.NewShared(together, ratelimit.NewMemory(0)),
		}))
	}
	served := func(n int) (served int) {
		for range n {
			for _, replica := range replicas {
				if replica.ask(t, "203.0.113.7").Code == http.StatusOK {
					served++
				}
			}
		}
		return served
	}
	if got, want := served(4), 4; got != want {
		t.Errorf("of eight requests to two replicas: got %d served, want %d", got, want)
	}
	together.asked = 0
	served(10)
	if together.asked != 0 {
		t.Errorf("asked for what memory knows to be used up: got %d times, want none", together.asked)
	}
	// While it is away each counts alone.
	together.away = true
	for _, replica := range replicas {
		passed := 0
		for range 10 {
			if replica.ask(t, "203.0.113.9").Code == http.StatusOK {
				passed++
			}
		}
		if passed != 4 {
			t.Errorf("of ten requests to a replica alone: got %d served, want 4", passed)
		}
	}
}

func BenchmarkMiddleware(b *testing.B) {
	limiter, err := ratelimit.New(ratelimit.Options{
		Viewer: ratelimit.Allowances{Requests: 600_000, Calls: 600_000}, Client: ratelimit.Allowances{Requests: 600_000, Calls: 600_000},
	})
	if err != nil {
		b.Fatal(err)
	}
	handler := limiter.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if limiter.Admit(r.Context(), "2") == nil {
			limiter.Charge(r.Context(), 1)
		}
		w.WriteHeader(http.StatusOK)
	}))
	r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/graphql", nil)
	w := &discard{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		handler.ServeHTTP(w, r)
	}
}

type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(int)             {}
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
