package upstream

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Kind says what went wrong with a call. It is its own sentinel:
// errors.Is(err, upstream.NotFound).
type Kind string

// The kinds of failure. Each becomes one error code of the API.
const (
	NotFound        Kind = "not found"        // 404, or an empty answer where an object was due
	Invalid         Kind = "invalid request"  // any other 4xx
	Unauthenticated Kind = "unauthenticated"  // the viewer's token was refused
	Forbidden       Kind = "forbidden"        // the viewer may not see this
	Rejected        Kind = "rejected"         // the gateway's own credentials were refused
	RateLimited     Kind = "rate limited"     // 429
	Timeout         Kind = "timeout"          // the deadline passed
	Unavailable     Kind = "unavailable"      // no connection, 5xx, open circuit
	NotConfigured   Kind = "not configured"   // this gateway runs without that CRM
	Malformed       Kind = "malformed answer" // 2xx that is not a known shape, or too large
	OverBudget      Kind = "over budget"      // the operation may make no more calls
	Overloaded      Kind = "overloaded"       // too many calls to that CRM wait already
	NotCached       Kind = "not cached"       // the operation wanted kept answers only
	Canceled        Kind = "canceled"         // the caller went away
)

// Error returns the kind itself, so that a Kind can be matched with errors.Is.
func (k Kind) Error() string { return string(k) }

// Error is how every failed call ends. Its text is for the operator's log: it names
// no URL, no header and nothing of an answer's body.
type Error struct {
	Call       Call
	Kind       Kind
	Status     int           // HTTP status, 0 when there was no answer
	RetryAfter time.Duration // what the upstream asked to wait, 0 when it did not
	Field      string        // for Malformed: the field that could not be read, e.g. "data[3].created"
	Err        error         // the cause, nil when the status says it all
}

// Error describes the failure for the operator.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Call.String())
	b.WriteString(": ")
	b.WriteString(string(e.Kind))
	if e.Status != 0 {
		b.WriteString(" (status ")
		b.WriteString(strconv.Itoa(e.Status))
		b.WriteByte(')')
	}
	if e.Err != nil {
		b.WriteString(": ")
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is this error's Kind.
func (e *Error) Is(target error) bool {
	kind, ok := target.(Kind)
	return ok && kind == e.Kind
}

// Retryable reports whether the same call may succeed a little later.
func (e *Error) Retryable() bool {
	switch e.Kind {
	case RateLimited, Timeout, Overloaded:
		return true
	case Unavailable:
		return !isMisconfigured(e.Err)
	case NotFound, Invalid, Unauthenticated, Forbidden, Rejected, NotConfigured, Malformed, OverBudget, NotCached, Canceled:
		return false
	}
	return false
}

// isMisconfigured reports whether nobody was reached because of how this gateway or the CRM is set up.
func isMisconfigured(cause error) bool {
	var certificate *tls.CertificateVerificationError
	return errors.As(cause, &certificate) || isPlainHTTP(cause)
}

// isPlainHTTP reports whether a handshake failed because the server began to speak HTTP.
func isPlainHTTP(err error) bool {
	var unexpected tls.RecordHeaderError
	return errors.As(err, &unexpected) && string(unexpected.RecordHeader[:]) == "HTTP/"
}

// FieldError says which field of an answer could not be read, and why. Field is a
// path of names known to this program, never text of the answer.
type FieldError struct {
	Field  string
	Reason string
}

// Error names the field, if there is one, and the reason.
func (e *FieldError) Error() string {
	if e.Field == "" {
		return e.Reason
	}
	return "field " + e.Field + ": " + e.Reason
}

// Unreadable returns a FieldError without a field, to be completed by AtField on the way up.
func Unreadable(reason string) error { return &FieldError{Reason: reason} }

// AtField puts name in front of the field path of err.
func AtField(name string, err error) error { return atPath(name, err) }

// AtIndex puts a list index in front of the field path of err.
func AtIndex(index int, err error) error { return atPath("["+strconv.Itoa(index)+"]", err) }

func atPath(step string, err error) error {
	if err == nil {
		return nil
	}
	var kind Kind
	if errors.As(err, &kind) {
		return kind
	}
	var field *FieldError
	if !errors.As(err, &field) {
		return &FieldError{Field: step, Reason: "not readable as JSON of the expected kind"}
	}
	switch {
	case field.Field == "":
		return &FieldError{Field: step, Reason: field.Reason}
	case strings.HasPrefix(field.Field, "["):
		return &FieldError{Field: step + field.Field, Reason: field.Reason}
	default:
		return &FieldError{Field: step + "." + field.Field, Reason: field.Reason}
	}
}

// transportError turns a failed round trip into an Error without addresses or URLs. A
// Kind that a RoundTripper returned, for a call it did not let through, is kept.
func transportError(ctx context.Context, call *Call, err error) *Error {
	failure := &Error{Call: *call, Kind: Unavailable, Err: hideText(err)}
	var kind Kind
	var netErr net.Error
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		failure.Kind = Canceled
	case errors.As(err, &kind):
		failure.Kind = kind
	case errors.Is(err, context.DeadlineExceeded), errors.Is(ctx.Err(), context.DeadlineExceeded),
		errors.As(err, &netErr) && netErr.Timeout():
		failure.Kind = Timeout
	}
	return failure
}

// hiddenError stands for a cause whose own text may quote addresses, headers or bytes of
// the answer; errors.Is and errors.As still find the cause.
type hiddenError struct {
	text  string
	cause error
}

func (e *hiddenError) Error() string { return e.text }

func (e *hiddenError) Unwrap() error { return e.cause }

func hideText(err error) error {
	hidden := &hiddenError{text: "the request was not answered", cause: err}
	var dnsErr *net.DNSError
	var certErr *tls.CertificateVerificationError
	var errno syscall.Errno
	switch {
	case errors.Is(err, context.Canceled):
		hidden.text = "the caller went away"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		hidden.text = "the deadline passed"
	case errors.As(err, &dnsErr):
		hidden.text = "host name not resolved"
	case errors.As(err, &certErr):
		hidden.text = "the server's certificate was not accepted"
	case isPlainHTTP(err):
		hidden.text = "the server answers plain HTTP where HTTPS was due"
	case errors.As(err, &errno):
		hidden.text = errno.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		hidden.text = "the connection was closed before the end of the answer"
	}
	return hidden
}
