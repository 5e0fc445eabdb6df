package main

import (
	"net/http"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/sandbox"
	"crmgraph/upstream/solos"
)

// age is how old the answer is that the gateway keeps when a CRM begins to fail.
type age string

const (
	cold age = "cold" // nothing is kept
	warm age = "warm" // it is within its time to live
	past age = "past" // it is past that
)

// view is what is seen of a query on both sides of the gateway: by the client in the part
// that the failing CRM was asked for, and by that CRM.
type view struct {
	Data     string // "data" or "null"
	Code     string // of the error, "" for none
	State    string // how fresh the data is, "" where there is none
	Attempts int    // of the call, as the client is told
	Calls    int    // that the CRM saw
}

// wait is what a client waits for.
type wait string

const (
	atOnce     wait = "at once"
	forTimeout wait = "after the timeout"
	forCRM     wait = "with the CRM"
)

// expected is what the gateway promises.
type expected struct {
	view
	wait    wait
	forgets bool // an answer that was kept does not serve any more
}

func served(state upstream.State, attempts int) expected {
	return expected{view: view{Data: "data", State: string(state), Attempts: attempts, Calls: attempts}, wait: atOnce}
}

func failed(code string, attempts int) expected {
	return expected{view: view{Data: "null", Code: code, Attempts: attempts, Calls: attempts}, wait: atOnce}
}

func (e expected) seenBy(calls int) expected {
	e.Calls = calls
	return e
}

func (e expected) waiting(w wait) expected {
	e.wait = w
	return e
}

// fault is a way in which a CRM fails, and what is expected while no answer is kept and
// while one is past its time. While it is within its time, nothing is noticed.
type fault struct {
	name     string
	strike   func(crms *sandbox.Sandbox, call upstream.Call) error
	services []upstream.Service // the CRMs of which this is expected
	cold     expected
	past     expected
}

const (
	// slowness is what a slow CRM takes for its headers or, in eight pieces, its body.
	slowness     = 80 * time.Millisecond
	shortTimeout = 500 * time.Millisecond
	longPause    = 30 * time.Second // beyond the deadline of a call
	// allAttempts is how often a read is sent to a CRM that cannot be reached or fails.
	allAttempts = 3
)

// whileRevalidating is expected of a CRM that does not answer, where an answer past its time
// may serve while a new one is fetched.
var whileRevalidating = expected{view: view{Data: "data", State: string(upstream.Stale), Calls: 1}, wait: atOnce}

// faultContract is what the gateway promises.
func faultContract() []fault {
	const (
		unavailable = "UPSTREAM_UNAVAILABLE"
		unreadable  = "UPSTREAM_BAD_RESPONSE"
		rejected    = "UPSTREAM_REJECTED"
	)
	both := []upstream.Service{upstream.ProPortal, upstream.Solos}
	proPortal, solOS := both[:1], both[1:]

	// What a CRM does not let be seen any more, or has no more, does not serve out of memory either.
	forgotten := func(e expected) expected {
		e.forgets = true
		return e
	}
	staleAfter := func(attempts int) expected { return served(upstream.StaleOnError, attempts) }
	return []fault{
		{
			"connection refused", stopCRM, both,
			failed(unavailable, allAttempts).seenBy(0), staleAfter(allAttempts).seenBy(0),
		},
		{
			// A request that meets a reset on a kept connection goes out once more over a new one.
			"connection reset", faultOf(sandbox.Fault{Kind: sandbox.FaultReset}), both,
			failed(unavailable, allAttempts), staleAfter(allAttempts).seenBy(allAttempts + 1),
		},
		{
			"no answer", faultOf(sandbox.Fault{Kind: sandbox.FaultHang}), both,
			failed("UPSTREAM_TIMEOUT", 1).waiting(forTimeout), staleAfter(1).waiting(forTimeout),
		},
		{
			"slow headers", faultOf(sandbox.Fault{Kind: sandbox.FaultSlowHeaders, Delay: slowness}), both,
			served(upstream.Fresh, 1).waiting(forCRM), served(upstream.Revalidated, 1).waiting(forCRM),
		},
		{
			"slow body", faultOf(sandbox.Fault{Kind: sandbox.FaultSlowBody, Delay: slowness / 8}), both,
			served(upstream.Fresh, 1).waiting(forCRM), served(upstream.Revalidated, 1).waiting(forCRM),
		},
		{"401", statusOf(http.StatusUnauthorized), proPortal, failed("UNAUTHENTICATED", 1), forgotten(failed("UNAUTHENTICATED", 1))},
		{"401", statusOf(http.StatusUnauthorized), solOS, failed(rejected, 1), forgotten(failed(rejected, 1))},
		{"403", statusOf(http.StatusForbidden), proPortal, failed("FORBIDDEN", 1), forgotten(failed("FORBIDDEN", 1))},
		{"403", statusOf(http.StatusForbidden), solOS, failed(rejected, 1), forgotten(failed(rejected, 1))},
		{"404, a list", statusOf(http.StatusNotFound), proPortal, failed("NOT_FOUND", 1), forgotten(failed("NOT_FOUND", 1))},
		{"404, an object", statusOf(http.StatusNotFound), solOS, failed("", 1), forgotten(failed("", 1))},
		{
			"429, Retry-After beyond the deadline",
			faultOf(sandbox.Fault{Kind: sandbox.FaultStatus, Status: http.StatusTooManyRequests, RetryAfter: longPause}), both,
			failed("RATE_LIMITED", 1), staleAfter(1),
		},
		{"500, a page of HTML", statusOf(http.StatusInternalServerError), both, failed(unavailable, allAttempts), staleAfter(allAttempts)},
		{"502", statusOf(http.StatusBadGateway), both, failed(unavailable, allAttempts), staleAfter(allAttempts)},
		{"body cut off", faultOf(sandbox.Fault{Kind: sandbox.FaultTruncate}), both, failed(unavailable, allAttempts), staleAfter(allAttempts)},
		{"body too large", faultOf(sandbox.Fault{Kind: sandbox.FaultHuge}), both, failed(unreadable, 1), staleAfter(1)},
		{"JSON of another shape", faultOf(sandbox.Fault{Kind: sandbox.FaultGarbage}), both, failed(unreadable, 1), staleAfter(1)},
	}
}

// expect returns what is expected at an age.
func (f fault) expect(a age) expected {
	switch a {
	case cold:
		return f.cold
	case warm:
		return served(upstream.Fresh, 0)
	default:
		return f.past
	}
}

// faultOf has one call of a CRM fail.
func faultOf(f sandbox.Fault) func(*sandbox.Sandbox, upstream.Call) error {
	return func(crms *sandbox.Sandbox, call upstream.Call) error {
		crms.SetFault(call.String(), f)
		return nil
	}
}

func statusOf(code int) func(*sandbox.Sandbox, upstream.Call) error {
	return faultOf(sandbox.Fault{Kind: sandbox.FaultStatus, Status: code})
}

func stopCRM(crms *sandbox.Sandbox, call upstream.Call) error { return crms.Stop(call.Service) }

// part is what one CRM is asked for: ProPortal for a list, solOS for a single object.
type part struct {
	field string // of the query
	call  upstream.Call
}

func partOf(service upstream.Service) part {
	if service == upstream.ProPortal {
		return part{"tasks", proportal.ListTasksCall}
	}
	return part{"project", solos.GetProjectCall}
}

func otherThan(service upstream.Service) upstream.Service {
	if service == upstream.ProPortal {
		return upstream.Solos
	}
	return upstream.ProPortal
}
