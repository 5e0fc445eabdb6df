package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

// only returns the figures that want names.
func (f figures) only(want figures) figures {
	found := figures{}
	for name := range want {
		if value, ok := f[name]; ok {
			found[name] = value
		}
	}
	return found
}

// expectFigures fails unless the metrics of a program say what is wanted.
func expectFigures(t *testing.T, i *instance, when string, want figures) {
	t.Helper()
	if diff := cmp.Diff(want, figuresOf(t, i).only(want)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", when, diff)
	}
}

// awaitFigures waits until the metrics of a program say what is wanted.
func awaitFigures(t *testing.T, i *instance, when string, want figures) {
	t.Helper()
	await(t, fmt.Sprintf("%s: %v", when, want), func() bool { return cmp.Equal(want, figuresOf(t, i).only(want)) })
}

func TestMetricsOfRegisteredDocuments(t *testing.T) {
	t.Parallel()
	i := startForTest(t, nil, "--metrics-listen=127.0.0.1:0")
	authorization := "Bearer " + loginToken(t, i)
	const document = "{ viewer { id } }"
	hash := sha256.Sum256([]byte(document))
	named := `"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + hex.EncodeToString(hash[:]) + `"}}}`
	want := figures{
		`crmgraph_documents_lookups_total{result="hit"}`:  0,
		`crmgraph_documents_lookups_total{result="miss"}`: 0,
		`crmgraph_documents_registered_total`:             0,
		`crmgraph_documents_bytes`:                        0,
	}
	expectFigures(t, i, "before", want)
	postQuery(t, i, `{`+named, authorization)
	want[`crmgraph_documents_lookups_total{result="miss"}`] = 1
	expectFigures(t, i, "after a hash that nobody knows", want)
	postQuery(t, i, `{"query":"`+document+`",`+named, authorization)
	for range 3 {
		postQuery(t, i, `{`+named, authorization)
	}
	delete(want, `crmgraph_documents_bytes`) // an estimate
	want[`crmgraph_documents_registered_total`] = 1
	want[`crmgraph_documents_lookups_total{result="hit"}`] = 3
	expectFigures(t, i, "after the document and three times its hash", want)
	// Clients such as urql's take streams with every request.
	header := queryHeader(authorization)
	header.Set("Accept", "application/json, text/event-stream, multipart/mixed")
	do(t, http.MethodPost, i.url+"/graphql", `{`+named, header)
	want[`crmgraph_documents_lookups_total{result="hit"}`] = 4
	expectFigures(t, i, "after its hash from a client that takes streams", want)
	if got := figuresOf(t, i)[`crmgraph_documents_bytes`]; got < float64(len(document)) {
		t.Errorf("memory: got %v bytes, want %d at least", got, len(document))
	}
}

func TestMetricsOfUntrustedDocuments(t *testing.T) {
	t.Parallel()
	manifest := filepath.Join(t.TempDir(), "manifest.json")
	if err := os.WriteFile(manifest, []byte(`{"who": "query Who { __typename }"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for mode, result := range map[string]string{"log": "run", "required": "refused"} {
		i := startForTest(t, nil, "--metrics-listen=127.0.0.1:0", "--documents-manifest="+manifest, "--documents-mode="+mode)
		postQuery(t, i, `{"query":"query Who { __typename }"}`, "")
		for range 2 {
			postQuery(t, i, `{"query":"query What { __typename }"}`, "")
		}
		want := figures{
			`crmgraph_documents_trusted`:                               1,
			`crmgraph_documents_untrusted_total{result="run"}`:         0,
			`crmgraph_documents_untrusted_total{result="refused"}`:     0,
			`crmgraph_documents_manifest_reads_total{result="failed"}`: 0,
		}
		want[`crmgraph_documents_untrusted_total{result="`+result+`"}`] = 2
		expectFigures(t, i, "with the mode "+mode, want)
	}
}

func TestMetricsOfRateLimits(t *testing.T) {
	t.Parallel()
	kinds := []string{"client-requests", "client-calls", "viewer-requests", "viewer-calls"}
	for _, limited := range kinds {
		t.Run(limited, func(t *testing.T) {
			t.Parallel()
			// Two operations use each of these up, and a third is refused.
			i, crms := startOnSandbox(t, sandbox.Options{}, "--metrics-listen=127.0.0.1:0", "--cache-size=0", "--rate-"+limited+"=2", "--rate-window=1h")
			authorization := "Bearer " + crms.Token(crms.ManagerIDs()[0])
			want := figures{}
			for _, kind := range kinds {
				want[`crmgraph_rate_refused_total{limit="`+kind+`"}`] = 0
			}
			for n, status := range []int{http.StatusOK, http.StatusOK, http.StatusTooManyRequests} {
				expectFigures(t, i, fmt.Sprintf("after %d requests", n), want)
				if got := postQuery(t, i, `{"query":"{ project(id: 1) { name } }"}`, authorization); got.Status != status {
					t.Fatalf("request %d: got %+v, want status %d", n+1, got, status)
				}
			}
			want[`crmgraph_rate_refused_total{limit="`+limited+`"}`] = 1
			expectFigures(t, i, "after the refusal", want)
		})
	}
}

// TestMetricsOfWatching: two streams of one viewer are two listeners of one poller.
func TestMetricsOfWatching(t *testing.T) {
	t.Parallel()
	i, crms := startOnSandbox(t, sandbox.Options{}, "--metrics-listen=127.0.0.1:0", "--watch-interval=1h", "--upstream-max-attempts=1")
	authorization := "Bearer " + crms.Token(crms.ManagerIDs()[0])
	open := func(pollers, listeners float64) figures {
		return figures{
			`crmgraph_watch_pollers`: pollers, `crmgraph_watch_listeners`: listeners, `crmgraph_streams`: listeners,
			`crmgraph_websocket_connections`: 0,
		}
	}
	expectFigures(t, i, "before", open(0, 0))
	first := openEvents(t, i, authorization)
	first.next()
	second := openEvents(t, i, authorization)
	second.next()
	expectFigures(t, i, "while two watch", open(1, 2))
	expectFigures(t, i, "after one poll", figures{
		`crmgraph_watch_polls_total{result="ok"}`: 1, `crmgraph_watch_polls_total{result="failed"}`: 0, `crmgraph_watch_polls_total{result="refused"}`: 0,
		`crmgraph_streams_total`: 2,
	})
	first.leave()
	second.leave()
	awaitFigures(t, i, "when both have left", open(0, 0))

	crms.SetFault("proportal", sandbox.Fault{Kind: sandbox.FaultStatus, Status: http.StatusInternalServerError})
	openEvents(t, i, authorization).next()
	expectFigures(t, i, "after a poll that failed", figures{
		`crmgraph_watch_polls_total{result="ok"}`: 1, `crmgraph_watch_polls_total{result="failed"}`: 1, `crmgraph_streams_total`: 3,
	})
}

func TestMetricsOfWebSockets(t *testing.T) {
	t.Parallel()
	i, crms := startOnSandbox(t, sandbox.Options{Managers: 2}, "--metrics-listen=127.0.0.1:0", "--watch-interval=1h")
	want := func(connections, operations, begun float64) figures {
		return figures{
			`crmgraph_websocket_connections`: connections, `crmgraph_websocket_operations`: operations,
			`crmgraph_websocket_operations_total`: begun, `crmgraph_streams`: 0,
		}
	}
	expectFigures(t, i, "before", want(0, 0, 0))
	socket := liveSocket(t, i, "Bearer "+crms.Token(crms.ManagerIDs()[0]))
	liveSocket(t, i, "Bearer "+crms.Token(crms.ManagerIDs()[1]))
	expectFigures(t, i, "with two connections", want(2, 0, 0))
	tell(t, socket, `{"type":"subscribe","id":"1","payload":`+boardSubscription+`}`)
	if kind := hear(t, socket); kind != "next" {
		t.Fatalf("got %s, want an event", kind)
	}
	expectFigures(t, i, "while one watches", want(2, 1, 1))
	tell(t, socket, `{"type":"subscribe","id":"2","payload":{"query":"{ viewer { id } }"}}`)
	for _, kind := range []string{"next", "complete"} {
		if got := hear(t, socket); got != kind {
			t.Fatalf("got %s, want %s", got, kind)
		}
	}
	awaitFigures(t, i, "after a query beside it", want(2, 1, 2))
	_ = socket.CloseNow()
	awaitFigures(t, i, "when one has left", want(1, 0, 2))
}

// TestMetricsAreDocumented: whatever an operator finds in the metrics, the documentation explains.
func TestMetricsAreDocumented(t *testing.T) {
	t.Parallel()
	documentation, err := os.ReadFile("../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	i := startForTest(t, nil, "--metrics-listen=127.0.0.1:0")
	names := regexp.MustCompile(`(?m)^# TYPE (crmgraph_\S+)`).FindAllStringSubmatch(fetch(t, metricsURL(t, i)+"/metrics").Body, -1)
	if len(names) == 0 {
		t.Fatal("there are no metrics")
	}
	for _, name := range names {
		if !strings.Contains(string(documentation), "`"+name[1]+"`") {
			t.Errorf("docs/metrics.md does not tell of %s", name[1])
		}
	}
}
