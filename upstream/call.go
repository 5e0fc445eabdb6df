// Package upstream holds what the clients of both CRMs share: the description of
// a call, the error every failed call ends in, the sending of requests, and the
// tolerant reading of answers.
package upstream

import "net/http"

// Service names one upstream CRM. It is the label that errors, logs and call counts carry.
type Service string

// The two CRMs behind the gateway.
const (
	ProPortal Service = "proportal"
	Solos     Service = "solos"
)

// Call describes one documented endpoint. Each is declared once, above the client
// method that sends it; errors, logs, tests and the sandbox all use that value.
type Call struct {
	Service   Service
	Operation string // unique within the service, e.g. "tasks"
	Method    string // HTTP method
	Path      string // pattern relative to the base URL, e.g. "api/crm/workspace/tasks/{id}"
	ReadOnly  bool   // for a POST that changes nothing
}

// Reads reports whether the call changes nothing, so that it may be sent twice.
func (c Call) Reads() bool { return c.Method == http.MethodGet || c.ReadOnly }

// String returns service and operation, e.g. "proportal.tasks".
func (c Call) String() string { return string(c.Service) + "." + c.Operation }
