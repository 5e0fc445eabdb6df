package upstream

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"syscall"
	"testing"
	"time"
)

var testCall = Call{Service: ProPortal, Operation: "tasks", Method: http.MethodGet, Path: "api/tasks"}

func TestErrorText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		err  error
		want string
	}{
		{&Error{Call: testCall, Kind: NotFound}, "proportal.tasks: not found"},
		{&Error{Call: testCall, Kind: Unavailable, Status: 502}, "proportal.tasks: unavailable (status 502)"},
		{
			&Error{Call: testCall, Kind: Malformed, Status: 200, Field: "data[3].id", Err: &FieldError{"data[3].id", "missing"}},
			"proportal.tasks: malformed answer (status 200): field data[3].id: missing",
		},
		{
			&Error{Call: testCall, Kind: Malformed, Status: 200, Err: Unreadable("a list was due")},
			"proportal.tasks: malformed answer (status 200): a list was due",
		},
	}
	for _, test := range tests {
		if got := test.err.Error(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestErrorIsItsKind(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	err := fmt.Errorf("listing: %w", &Error{Call: testCall, Kind: Timeout, Err: cause})
	if !errors.Is(err, Timeout) || errors.Is(err, Unavailable) || !errors.Is(err, cause) {
		t.Errorf("%v: want it to be a timeout with its cause, and nothing else", err)
	}
}

func TestRetryable(t *testing.T) {
	t.Parallel()
	want := map[Kind]bool{
		NotFound: false, Invalid: false, Unauthenticated: false, Forbidden: false, Rejected: false, RateLimited: true,
		Timeout: true, Unavailable: true, NotConfigured: false, Malformed: false, Canceled: false,
	}
	for kind, want := range want {
		if got := (&Error{Kind: kind}).Retryable(); got != want {
			t.Errorf("%s: got %t, want %t", kind, got, want)
		}
	}
	causes := map[error]bool{
		syscall.ECONNREFUSED: true, io.ErrUnexpectedEOF: true, tls.RecordHeaderError{}: true,
		&tls.CertificateVerificationError{Err: errors.New("x509: expired")}: false,
	}
	for cause, want := range causes {
		err := transportError(t.Context(), &testCall, &url.Error{Op: "Get", URL: "https://secret.test/", Err: cause})
		if got := err.Retryable(); err.Kind != Unavailable || got != want {
			t.Errorf("%v: got %s, retryable %t, want unavailable, %t", cause, err.Kind, got, want)
		}
	}
}

func TestFieldPath(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"field", AtField("id", Unreadable("x")), "field id: x"},
		{"nested", AtField("data", AtIndex(3, AtField("customer", AtField("id", Unreadable("x"))))), "field data[3].customer.id: x"},
		{"list of lists", AtIndex(0, AtIndex(1, AtField("id", Unreadable("x")))), "field [0][1].id: x"},
		{"wrapped on the way", AtField("data", fmt.Errorf("callback: %w", AtField("id", Unreadable("x")))), "field data.id: x"},
		{"text of strangers", AtField("id", errors.New("unexpected byte in secret")), "field id: not readable as JSON of the expected kind"},
		{"kind", AtField("data", fmt.Errorf("callback: %w", NotFound)), "not found"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := test.err.Error(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	if err := AtIndex(1, AtField("id", nil)); err != nil {
		t.Errorf("got %v of no error", err)
	}
}

func TestTransportError(t *testing.T) {
	t.Parallel()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	expired, cancelExpired := context.WithTimeout(t.Context(), -time.Second)
	defer cancelExpired()
	dial := func(cause error) error {
		return &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(10, 1, 2, 3), Port: 81}, Err: cause}
	}
	tests := []struct {
		name string
		ctx  context.Context
		err  error
		kind Kind
		text string
	}{
		{"caller went away", canceled, context.Canceled, Canceled, "the caller went away"},
		{"caller went away during a dial", canceled, dial(context.Canceled), Canceled, "the caller went away"},
		{"deadline", expired, context.DeadlineExceeded, Timeout, "the deadline passed"},
		{"deadline of the connection", t.Context(), dial(os.ErrDeadlineExceeded), Timeout, "the deadline passed"},
		{"timeout of a name server", t.Context(), dial(&net.DNSError{Name: "secret.test", IsTimeout: true}), Timeout, "host name not resolved"},
		{"unknown host", t.Context(), dial(&net.DNSError{Name: "secret.test", IsNotFound: true}), Unavailable, "host name not resolved"},
		{"refused", t.Context(), dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)), Unavailable, "connection refused"},
		{"reset", t.Context(), dial(os.NewSyscallError("read", syscall.ECONNRESET)), Unavailable, "connection reset by peer"},
		{
			"certificate", t.Context(), &tls.CertificateVerificationError{Err: errors.New("x509: valid for secret.test")}, Unavailable,
			"the server's certificate was not accepted",
		},
		{"no TLS", t.Context(), tls.RecordHeaderError{RecordHeader: [5]byte([]byte("HTTP/"))}, Unavailable, "the server answers plain HTTP where HTTPS was due"},
		{"cut off", t.Context(), io.ErrUnexpectedEOF, Unavailable, "the connection was closed before the end of the answer"},
		{"text that quotes the answer", t.Context(), errors.New(`malformed HTTP response "secret"`), Unavailable, "the request was not answered"},
		{"kind of a round tripper", t.Context(), fmt.Errorf("limit: %w", RateLimited), RateLimited, "the request was not answered"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := transportError(test.ctx, &testCall, &url.Error{Op: "Get", URL: "http://secret.test/?token=secret", Err: test.err})
			want := "proportal.tasks: " + string(test.kind) + ": " + test.text
			if got := err.Error(); got != want || err.Kind != test.kind {
				t.Errorf("got %s, %q, want %s, %q", err.Kind, got, test.kind, want)
			}
			if !errors.Is(err, test.err) {
				t.Errorf("the cause %v is lost", test.err)
			}
		})
	}
}
