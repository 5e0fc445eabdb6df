package upstream

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/go-faster/jx"
)

// Defaults of CallerOptions.
const (
	DefaultTimeout = 10 * time.Second
	DefaultMaxBody = 16 << 20
)

// CallerOptions are the settings of a Caller; the zero value means the defaults.
type CallerOptions struct {
	Transport http.RoundTripper // nil: http.DefaultTransport
	Timeout   time.Duration     // deadline of each call, DefaultTimeout when 0
	MaxBody   int64             // bytes of a decompressed answer, DefaultMaxBody when 0
}

// Caller sends the calls of one client and settles everything that can go wrong
// before an answer is read: every error it returns is an *Error. It is safe for
// concurrent use.
type Caller struct {
	base      *url.URL // its path ends in a slash
	transport http.RoundTripper
	timeout   time.Duration
	maxBody   int64
}

// NewCaller returns a Caller for the absolute http or https URL base; the paths of
// calls are relative to it.
func NewCaller(base string, opts CallerOptions) (*Caller, error) {
	parsed, err := url.Parse(base)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return nil, errors.New("the base URL must be an absolute http or https URL")
	}
	if parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != "" {
		return nil, errors.New("the base URL must have no user, query or fragment")
	}
	if opts.Timeout < 0 || opts.MaxBody < 0 {
		return nil, errors.New("timeout and body limit must not be negative")
	}
	c := &Caller{base: parsed.JoinPath("/"), transport: opts.Transport, timeout: opts.Timeout, maxBody: opts.MaxBody}
	if c.timeout == 0 {
		c.timeout = DefaultTimeout
	}
	if c.maxBody == 0 {
		c.maxBody = DefaultMaxBody
	}
	if c.transport == nil {
		c.transport = http.DefaultTransport
	}
	return c, nil
}

// Request is one sending of a Call.
type Request struct {
	Call   Call
	ID     string  // what {id} in the call's path stands for
	Query  string  // encoded query, without the question mark
	Header *Header // nil for none of the client's own
	Body   []byte  // JSON; nil for none

	// Classify decides the Kind of an answer whose status is not 2xx, given the first
	// bytes of its body; nil means KindOfStatus.
	Classify func(status int, body []byte) Kind
}

// Do sends req and hands a 2xx answer to decode. The decoder and its bytes are only
// valid until decode returns. A *FieldError or any other error of decode makes the
// call Malformed, a Kind returned by decode makes it that Kind.
func (c *Caller) Do(ctx context.Context, req *Request, decode func(*jx.Decoder) error) error {
	observer := observerFrom(ctx)
	if observer == nil {
		return c.do(ctx, req, decode, new(Outcome))
	}
	observed, refused := observer.Start(ctx, req.Call)
	if refused != nil {
		return refused
	}
	var outcome Outcome
	outcome.Err = c.do(ctx, req, decode, &outcome)
	observed.Ended(outcome)
	return outcome.Err
}

func (c *Caller) do(ctx context.Context, req *Request, decode func(*jx.Decoder) error, outcome *Outcome) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()

	resp, err := c.send(ctx, req)
	if err != nil {
		return transportError(ctx, req.Call, err)
	}
	defer func() { _ = resp.Body.Close() }()

	outcome.Status = resp.StatusCode
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return c.refused(req, resp)
	}
	buf := bodies.Get().(*bytes.Buffer)
	defer recycle(buf)
	if err := c.readBody(buf, resp); err != nil {
		if errors.Is(err, errTooLarge) {
			return &Error{Call: req.Call, Kind: Malformed, Status: resp.StatusCode, Err: err}
		}
		return transportError(ctx, req.Call, err)
	}
	outcome.Bytes = buf.Len()
	return c.decode(req.Call, resp.StatusCode, buf.Bytes(), decode)
}

// send makes the request and follows the few redirects a GET may meet on the CRM's own
// host. Any other host would be handed credentials that are not meant for it.
func (c *Caller) send(ctx context.Context, req *Request) (*http.Response, error) {
	out := c.request(ctx, req)
	for range maxRedirects {
		resp, err := c.transport.RoundTrip(out)
		if err != nil || req.Call.Method != http.MethodGet || !redirects(resp) {
			return resp, err
		}
		target, err := resp.Location()
		if err != nil || target.Host != c.base.Host || target.Scheme != c.base.Scheme {
			return resp, nil //nolint:nilerr // the answer itself says that the redirect led nowhere
		}
		if err := discard(resp); err != nil {
			return nil, err
		}
		out = out.Clone(ctx)
		out.URL = target
	}
	return c.transport.RoundTrip(out)
}

const maxRedirects = 3

func redirects(resp *http.Response) bool {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return resp.Header.Get("Location") != ""
	default:
		return false
	}
}

// discard reads a short answer to its end, so that its connection can be used again.
func discard(resp *http.Response) error {
	_, err := io.Copy(io.Discard, io.LimitReader(resp.Body, errorPrefix))
	return errors.Join(err, resp.Body.Close())
}

// request makes the request by hand: a client of the standard library would parse its URL
// and look after cookies and redirects again for each of many calls.
func (c *Caller) request(ctx context.Context, req *Request) *http.Request {
	path := strings.Replace(req.Call.Path, "{id}", url.PathEscape(req.ID), 1)
	target := *c.base
	target.Path += path
	if target.RawPath != "" {
		target.RawPath += path
	}
	target.RawQuery = req.Query
	out := new(http.Request).WithContext(ctx)
	out.Method, out.URL, out.Host = req.Call.Method, &target, target.Host
	out.Proto, out.ProtoMajor, out.ProtoMinor = "HTTP/1.1", 1, 1
	header := req.Header
	if header == nil {
		header = NewHeader(nil)
	}
	out.Header = header.bare
	if req.Body != nil {
		out.Header = header.withBody
		out.ContentLength = int64(len(req.Body))
		out.Body = io.NopCloser(bytes.NewReader(req.Body))
		out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(req.Body)), nil }
	}
	return out
}

// errorPrefix is how much of a refusal's body Classify may see.
const errorPrefix = 4 << 10

func (c *Caller) refused(req *Request, resp *http.Response) error {
	classify := req.Classify
	if classify == nil {
		classify = func(status int, _ []byte) Kind { return KindOfStatus(status) }
	}
	// Reading to the end of a short answer lets its connection be used again.
	prefix, err := io.ReadAll(io.LimitReader(resp.Body, errorPrefix))
	if err != nil {
		prefix = nil
	}
	return &Error{
		Call:       req.Call,
		Kind:       classify(resp.StatusCode, prefix),
		Status:     resp.StatusCode,
		RetryAfter: retryAfter(resp.Header, time.Now()),
	}
}

// KindOfStatus is the Kind that an HTTP status outside 2xx means by itself.
func KindOfStatus(status int) Kind {
	switch {
	case status == http.StatusUnauthorized:
		return Unauthenticated
	case status == http.StatusForbidden:
		return Forbidden
	case status == http.StatusNotFound, status == http.StatusGone:
		return NotFound
	case status == http.StatusRequestTimeout:
		return Timeout
	case status == http.StatusTooManyRequests:
		return RateLimited
	case status >= 500:
		return Unavailable
	case status >= 400:
		return Invalid
	default:
		return Malformed
	}
}

// maxRetryAfter bounds what an upstream may ask for; more seconds than fit a Duration
// would come out negative.
const maxRetryAfter = 24 * time.Hour

// retryAfter reads both forms of the header: seconds and an HTTP date.
func retryAfter(header http.Header, now time.Time) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil {
		return time.Duration(min(seconds, uint64(maxRetryAfter/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil && at.After(now) {
		return min(at.Sub(now), maxRetryAfter)
	}
	return 0
}

var errTooLarge = errors.New("the answer is larger than the limit")

func (c *Caller) readBody(buf *bytes.Buffer, resp *http.Response) error {
	if resp.ContentLength > c.maxBody {
		return errTooLarge
	}
	if resp.ContentLength > 0 {
		buf.Grow(int(resp.ContentLength) + bytes.MinRead)
	}
	n, err := buf.ReadFrom(io.LimitReader(resp.Body, c.maxBody+1))
	if err != nil {
		return err
	}
	if n > c.maxBody {
		return errTooLarge
	}
	return nil
}

// byteOrderMark is what PHP files saved with one send before the first byte of JSON.
var byteOrderMark = []byte("\ufeff")

func (c *Caller) decode(call Call, status int, body []byte, decode func(*jx.Decoder) error) error {
	body = bytes.TrimPrefix(body, byteOrderMark)
	if !utf8.Valid(body) {
		return &Error{Call: call, Kind: Malformed, Status: status, Err: errors.New("the answer is not UTF-8")}
	}
	// Not from jx's pool: a decoder put back there keeps the body, which is pooled itself.
	decoder := jx.DecodeBytes(body)
	err := decode(decoder)
	if err == nil {
		err = onlySpaceLeft(decoder)
	}
	if err == nil {
		return nil
	}
	failure := &Error{Call: call, Kind: Malformed, Status: status}
	var kind Kind
	var field *FieldError
	switch {
	case errors.As(err, &kind):
		failure.Kind = kind
	case errors.As(err, &field):
		failure.Field, failure.Err = field.Field, field
	default:
		// jx quotes the bytes it stumbles over, so its text stays out of the log.
		failure.Err = errors.New("the answer is not the expected JSON")
	}
	return failure
}

func onlySpaceLeft(d *jx.Decoder) error {
	// A value cut off after the end is io.ErrUnexpectedEOF, and not space.
	if err := d.Skip(); !errors.Is(err, io.EOF) {
		return Unreadable("text after the end of the JSON")
	}
	return nil
}

// maxPooledBody keeps one huge answer from pinning its memory for ever.
const maxPooledBody = 1 << 20

var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func recycle(buf *bytes.Buffer) {
	if buf.Cap() > maxPooledBody {
		return
	}
	buf.Reset()
	bodies.Put(buf)
}
