package sandbox_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

func TestFaultsThatAnswer(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Customers: 8, Tasks: 20, Projects: 5})
	tests := map[string]struct {
		target  string
		fault   sandbox.Fault
		request *http.Request
		status  int
		// body is a part of the answer; header is one to compare.
		contentType, body, header, value string
	}{
		"server error": {
			"proportal.tasks",
			sandbox.Fault{Kind: sandbox.FaultStatus, Status: 500},
			portalRequest(t, s, 2, workspace+"tasks?status=planned"), 500, "text/html; charset=UTF-8", "<!DOCTYPE html>", "Retry-After", "",
		},
		"rate limited": {
			"solos.projects",
			sandbox.Fault{Kind: sandbox.FaultStatus, Status: 429, RetryAfter: 1500 * time.Millisecond},
			solosRequest(t, s, "GET", projects, ""), 429, "text/html; charset=UTF-8", "Too Many Requests", "Retry-After", "2",
		},
		"proportal refuses the token": {
			"proportal.group",
			sandbox.Fault{Kind: sandbox.FaultStatus, Status: 401},
			portalRequest(t, s, 2, workspace+"groups/129"), 401, "text/plain; charset=UTF-8", "Unauthorized.", "Location", "",
		},
		"solos refuses the keys": {
			"solos.steps",
			sandbox.Fault{Kind: sandbox.FaultStatus, Status: 401},
			solosRequest(t, s, "GET", projects+"/steps?id=1", ""), 401, "application/json", `{"error":`, "Location", "",
		},
		"php error": {
			"proportal.groups",
			sandbox.Fault{Kind: sandbox.FaultPHPError},
			portalRequest(t, s, 2, workspace+"groups"), 200, "text/html; charset=UTF-8", "<b>Fatal error</b>", "Location", "",
		},
		"login page": {
			"proportal.portfolio",
			sandbox.Fault{Kind: sandbox.FaultHTML},
			portalRequest(t, s, 2, workspace+"portfolio"), 200, "text/html; charset=UTF-8", `<form method="post"`, "Location", "",
		},
		"empty array": {
			"proportal.customer",
			sandbox.Fault{Kind: sandbox.FaultEmptyArray},
			portalRequest(t, s, 2, workspace+"customers/4007128"), 200, "application/json", "[]", "Location", "",
		},
		"garbage": {
			"solos.goods",
			sandbox.Fault{Kind: sandbox.FaultGarbage},
			solosRequest(t, s, "GET", projects+"/goods?id=1", ""), 200, "application/json", `{"message":`, "Location", "",
		},
		"redirect": {
			"solos.filterProjects",
			sandbox.Fault{Kind: sandbox.FaultRedirect, Location: "http://elsewhere.example/"},
			solosRequest(t, s, "POST", projects+"/filter", "{}"), 302, "text/html; charset=UTF-8", "Found", "Location", "http://elsewhere.example/",
		},
		"slow headers": {
			"solos.payments",
			sandbox.Fault{Kind: sandbox.FaultSlowHeaders, Delay: time.Millisecond},
			solosRequest(t, s, "GET", projects+"/payments?id=1", ""), 200, "application/json", `"sum":`, "Location", "",
		},
		"slow body": {
			"proportal.taskBoard",
			sandbox.Fault{Kind: sandbox.FaultSlowBody, Delay: time.Millisecond},
			portalRequest(t, s, 2, workspace+"tasks"), 200, "application/json", `"planned":`, "Location", "",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.SetFault(test.target, test.fault)
			got := send(t, test.request)
			if got.status != test.status || got.header.Get("Content-Type") != test.contentType {
				t.Errorf("got %d %s, want %d %s", got.status, got.header.Get("Content-Type"), test.status, test.contentType)
			}
			if !strings.Contains(string(got.body), test.body) {
				t.Errorf("got body %.300s, want it to contain %s", got.body, test.body)
			}
			if value := got.header.Get(test.header); value != test.value {
				t.Errorf("got %s %q, want %q", test.header, value, test.value)
			}
		})
	}
}

func TestSlowAnswersAreTheRightOnes(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Customers: 8, Tasks: 20})
	want := send(t, portalRequest(t, s, 2, workspace+"portfolio"))
	for _, kind := range []sandbox.FaultKind{sandbox.FaultSlowHeaders, sandbox.FaultSlowBody} {
		const delay = 3 * time.Millisecond
		s.SetFault("proportal", sandbox.Fault{Kind: kind, Delay: delay})
		before := time.Now()
		got := send(t, portalRequest(t, s, 2, workspace+"portfolio"))
		if took := time.Since(before); took < delay {
			t.Errorf("%s: took %v, want at least %v", kind, took, delay)
		}
		if diff := gocmp.Diff(string(want.body), string(got.body)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
	}
}

func TestFaultsThatCut(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Customers: 8, Tasks: 20})
	transport := &http.Transport{DisableKeepAlives: true}
	path := workspace + "portfolio"

	s.SetFault("*", sandbox.Fault{Kind: sandbox.FaultRefuse})
	if _, err := transport.RoundTrip(portalRequest(t, s, 2, path)); !errors.Is(err, io.EOF) { //nolint:bodyclose // there is no answer
		t.Errorf("refuse: got %v, want EOF", err)
	}
	s.SetFault("*", sandbox.Fault{Kind: sandbox.FaultReset})
	if _, err := transport.RoundTrip(portalRequest(t, s, 2, path)); !errors.Is(err, syscall.ECONNRESET) { //nolint:bodyclose // there is no answer
		t.Errorf("reset: got %v, want ECONNRESET", err)
	}

	s.Reset()
	whole := send(t, portalRequest(t, s, 2, path)).body
	s.SetFault("*", sandbox.Fault{Kind: sandbox.FaultTruncate})
	res, err := transport.RoundTrip(portalRequest(t, s, 2, path))
	if err != nil {
		t.Fatalf("truncate: %v", err)
	}
	defer func() { _ = res.Body.Close() }()
	half, err := io.ReadAll(res.Body)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("truncate: got %v, want unexpected EOF", err)
	}
	if res.ContentLength != int64(len(whole)) || string(half) != string(whole[:len(whole)/2]) {
		t.Errorf("truncate: got %d of %d bytes, want the first half of %d", len(half), res.ContentLength, len(whole))
	}
}

func TestHangEndsWithTheClient(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Customers: 8, Tasks: 20})
	s.SetFault("*", sandbox.Fault{Kind: sandbox.FaultHang})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	transport := &http.Transport{DisableKeepAlives: true}
	_, err := transport.RoundTrip(portalRequest(t, s, 2, workspace+"tasks").WithContext(ctx)) //nolint:bodyclose // there is no answer
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the client's own deadline", err)
	}
}

func TestHugeIsStreamed(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Customers: 8, Tasks: 20})
	s.SetFault("proportal", sandbox.Fault{Kind: sandbox.FaultHuge})
	res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(portalRequest(t, s, 2, workspace+"tasks"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	const enough = 32 << 20
	if n, err := io.CopyN(io.Discard, res.Body, enough); n != enough || err != nil {
		t.Errorf("read %d bytes and %v, want %d and more to come", n, err, enough)
	}
}

func TestFaultTargetsAndTimes(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Customers: 8, Tasks: 20, Projects: 5})
	status := func(r *http.Request) int { return send(t, r).status }
	tasks := func() int { return status(portalRequest(t, s, 2, workspace+"tasks?status=planned")) }
	groups := func() int { return status(portalRequest(t, s, 2, workspace+"groups")) }
	company := func() int { return status(solosRequest(t, s, "GET", projects, "")) }

	s.SetFault("*", sandbox.Fault{Kind: sandbox.FaultStatus, Status: 500})
	s.SetFault("proportal", sandbox.Fault{Kind: sandbox.FaultStatus, Status: 502})
	s.SetFault("proportal.tasks", sandbox.Fault{Kind: sandbox.FaultStatus, Status: 503, Times: 2})
	got := []int{tasks(), groups(), company(), tasks(), tasks()}
	s.SetFault("proportal", sandbox.Fault{Kind: sandbox.FaultStatus, Status: 504})
	got = append(got, tasks())
	s.Reset()
	got = append(got, tasks(), groups(), company())
	if diff := gocmp.Diff([]int{503, 502, 500, 503, 502, 504, 200, 200, 200}, got); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
}

func TestSetFaultPanicsOnWhatCannotStrike(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Customers: 8, Tasks: 20})
	defer func() {
		if recover() == nil {
			t.Error("no panic for a target that does not exist")
		}
	}()
	s.SetFault("proportal.taks", sandbox.Fault{Kind: sandbox.FaultHang})
}

func TestParseFault(t *testing.T) {
	t.Parallel()
	type parsed struct {
		Target string
		Fault  sandbox.Fault
	}
	good := map[string]parsed{
		"proportal.tasks=status:500":    {"proportal.tasks", sandbox.Fault{Kind: sandbox.FaultStatus, Status: 500}},
		"solos=slow-body:200ms,times=3": {"solos", sandbox.Fault{Kind: sandbox.FaultSlowBody, Delay: 200 * time.Millisecond, Times: 3}},
		"solos.projects=status:429,retry-after=2s": {
			"solos.projects", sandbox.Fault{Kind: sandbox.FaultStatus, Status: 429, RetryAfter: 2 * time.Second},
		},
		"*=redirect:http://127.0.0.1:9/": {"*", sandbox.Fault{Kind: sandbox.FaultRedirect, Location: "http://127.0.0.1:9/"}},
		"proportal=slow-headers:1s":      {"proportal", sandbox.Fault{Kind: sandbox.FaultSlowHeaders, Delay: time.Second}},
		"solos.action=empty-array":       {"solos.action", sandbox.Fault{Kind: sandbox.FaultEmptyArray}},
		"*=hang":                         {"*", sandbox.Fault{Kind: sandbox.FaultHang}},
		"*=refuse,times=1":               {"*", sandbox.Fault{Kind: sandbox.FaultRefuse, Times: 1}},
		"*=reset":                        {"*", sandbox.Fault{Kind: sandbox.FaultReset}},
		"*=truncate":                     {"*", sandbox.Fault{Kind: sandbox.FaultTruncate}},
		"*=php-error":                    {"*", sandbox.Fault{Kind: sandbox.FaultPHPError}},
		"*=html":                         {"*", sandbox.Fault{Kind: sandbox.FaultHTML}},
		"*=huge":                         {"*", sandbox.Fault{Kind: sandbox.FaultHuge}},
		"*=garbage":                      {"*", sandbox.Fault{Kind: sandbox.FaultGarbage}},
	}
	for input, want := range good {
		target, fault, err := sandbox.ParseFault(input)
		if err != nil {
			t.Errorf("%s: %v", input, err)
			continue
		}
		if diff := gocmp.Diff(want, parsed{target, fault}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", input, diff)
		}
	}
	bad := map[string]string{
		"":                           "want target=kind",
		"proportal.tasks":            "want target=kind",
		"proportal.taks=hang":        `unknown target "proportal.taks"`,
		"*=explode":                  `unknown kind "explode"`,
		"*=":                         `unknown kind ""`,
		"*=status":                   `"" is not an HTTP status`,
		"*=status:200":               "status 200 is not between 400 and 599",
		"*=slow-body":                `"" is not a duration`,
		"*=slow-body:0s":             "slow-body wants a delay",
		"*=redirect:/login":          `redirect wants an absolute URL, not "/login"`,
		"*=hang:1s":                  "hang takes no value",
		"*=hang,times=x":             `option times: cannot read "x"`,
		"*=hang,times=-1":            "cannot be negative",
		"*=hang,color=red":           `unknown option "color"`,
		"*=status:500,retry-after=2": `option retry-after: cannot read "2"`,
	}
	for input, want := range bad {
		if _, _, err := sandbox.ParseFault(input); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want an error with %s", input, err, want)
		}
	}
}
