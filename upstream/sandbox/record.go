package sandbox

import (
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"crmgraph/upstream"
)

// maxRequests is how many requests are remembered whole: enough for any test, and a bound
// for a sandbox that runs for days.
const maxRequests = 10_000

// Request is one request as it arrived.
type Request struct {
	// Call is the operation as "service.operation", "service.unknown" for no endpoint.
	Call   string `json:"call"`
	Method string `json:"method"`
	// Path is escaped as it was sent, with the base path.
	Path     string      `json:"path"`
	RawQuery string      `json:"rawQuery"`
	Header   http.Header `json:"header"`
	Body     string      `json:"body"`
	// At is the real time of arrival.
	At time.Time `json:"at"`
	// Connection numbers the TCP connections of one sandbox from 1.
	Connection int64 `json:"connection"`
}

// recorder counts and remembers requests. It is safe for concurrent use.
type recorder struct {
	mu       sync.Mutex
	calls    map[string]int
	requests []Request
	inWork   map[upstream.Service]int
	mostWork map[upstream.Service]int
}

func newRecorder() *recorder {
	r := &recorder{inWork: map[upstream.Service]int{}}
	r.reset()
	return r
}

// enter records a request that is now in work; the caller ends that with leave.
func (r *recorder) enter(service upstream.Service, request Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls[request.Call]++
	// Dropping a whole block keeps the cost of one request constant.
	if len(r.requests) == 2*maxRequests {
		r.requests = slices.Clone(r.requests[maxRequests:])
	}
	r.requests = append(r.requests, request)
	r.inWork[service]++
	r.mostWork[service] = max(r.mostWork[service], r.inWork[service])
}

func (r *recorder) leave(service upstream.Service) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inWork[service]--
}

func (r *recorder) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = map[string]int{}
	r.requests = nil
	r.mostWork = maps.Clone(r.inWork)
}

// Calls returns how often each operation was requested since the last Reset, by
// "service.operation". It counts what clients asked for, failed or not.
func (s *Sandbox) Calls() map[string]int {
	s.recorder.mu.Lock()
	defer s.recorder.mu.Unlock()
	return maps.Clone(s.recorder.calls)
}

// Requests returns the requests received since the last Reset in order of arrival, the
// last ten thousand of them.
func (s *Sandbox) Requests() []Request {
	s.recorder.mu.Lock()
	defer s.recorder.mu.Unlock()
	return slices.Clone(s.recorder.requests[max(0, len(s.recorder.requests)-maxRequests):])
}

// MaxConcurrent returns the highest number of requests one CRM had in work at the same
// time since the last Reset.
func (s *Sandbox) MaxConcurrent(service upstream.Service) int {
	s.recorder.mu.Lock()
	defer s.recorder.mu.Unlock()
	return s.recorder.mostWork[service]
}
