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
	"sync/atomic"
	"time"

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
	Timeout   time.Duration     // deadline of each call with all its attempts, DefaultTimeout when 0
	MaxBody   int64             // bytes of a decompressed answer, DefaultMaxBody when 0
	Policy    Policy            // nil: each call is sent once
	Answers   Answers           // nil: no answer is kept or shared
}

// Caller sends the calls of one client and settles everything that can go wrong
// before an answer is read: every error it returns is an *Error. It is safe for
// concurrent use.
type Caller struct {
	base      *url.URL // its path ends in a slash
	transport http.RoundTripper
	timeout   time.Duration
	maxBody   int64
	policy    Policy
	answers   Answers
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
	c := &Caller{
		base:      parsed.JoinPath("/"),
		transport: opts.Transport,
		timeout:   opts.Timeout,
		maxBody:   opts.MaxBody,
		policy:    opts.Policy,
		answers:   opts.Answers,
	}
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
	ID     string  // of the object that the call names, which {id} in its path stands for
	Query  string  // encoded query, without the question mark
	Header *Header // nil for none of the client's own
	Body   []byte  // JSON; nil for none

	// Scope is who may see the answer, a viewer or a company: it is shared with nobody else,
	// and with nobody at all and not kept where the Scope is empty.
	Scope string
	// Credential is what Header identifies the caller with; it tells apart those with one Scope.
	Credential string
	// Credentials, if there are any, give the header instead, and another one where a first
	// is refused.
	Credentials Credentials

	// Classify decides the Kind of an answer whose status is not 2xx, given the first
	// bytes of its body; nil means KindOfStatus.
	Classify func(status int, body []byte) Kind

	attempts atomic.Int32 // how often it was sent
}

// Get returns the answer to req, read by read: one that is kept or under way where the
// Caller keeps answers and req has a Scope, else one that req is sent for. The decoder and
// its bytes are only valid until read returns. A *FieldError or any other error of read
// makes the call Malformed, a Kind makes it that Kind. Nobody may change a value that is kept.
func Get[T any](ctx context.Context, c *Caller, req *Request, read func(*jx.Decoder) (T, error)) (T, error) {
	var none T
	op := operationFrom(ctx)
	if c.answers != nil && req.Scope != "" && req.Call.Reads() {
		answer, err := c.answer(ctx, op, newQuestion(c, req, read))
		if err != nil {
			return none, err
		}
		return answer.(T), nil
	}
	if op.Terms.OnlyIfCached {
		return none, &Error{Call: req.Call, Kind: NotCached}
	}
	observed, refused := op.start(ctx, req.Call)
	if refused != nil {
		return none, refused
	}
	body, err := c.Ask(ctx, req)
	defer body.Release()
	value, outcome := none, Outcome{Err: err}
	if err == nil {
		value, err = Read(req.Call, body, read)
		outcome = Outcome{Status: body.Status, Bytes: len(body.Bytes()), Err: err}
	} else {
		outcome.Status = statusOf(err)
	}
	outcome.Attempts = int(req.attempts.Load())
	observed.Ended(outcome)
	if err != nil {
		return none, err
	}
	op.answered(req.Call, Freshness{State: Fresh})
	return value, nil
}

// answer returns the answer to a question out of memory or, as a call that is observed,
// from the CRM.
func (c *Caller) answer(ctx context.Context, op *Operation, q asked) (any, error) {
	call := q.Call()
	answer, err, ok := c.answers.Kept(ctx, q, op.Terms)
	if !ok {
		if op.Terms.OnlyIfCached {
			return nil, &Error{Call: call, Kind: NotCached}
		}
		observed, refused := op.start(ctx, call)
		if refused != nil {
			return nil, refused
		}
		answer, err = c.answers.Get(ctx, q, op.Terms)
		outcome := Outcome{Status: answer.Status, Bytes: answer.Bytes, Shared: answer.Shared, Attempts: q.attempts(), Err: err}
		if err != nil {
			outcome.Status = statusOf(err)
		}
		observed.Ended(outcome)
	}
	if err != nil {
		return nil, err
	}
	op.answered(call, answer.Freshness)
	return answer.Value, nil
}

func statusOf(err error) int {
	var failure *Error
	if errors.As(err, &failure) {
		return failure.Status
	}
	return 0
}

// Ask sends req, as often as the Caller's policy has it, and returns the body of the
// answer, which the caller releases. Every error is an *Error.
func (c *Caller) Ask(ctx context.Context, req *Request) (*Body, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	return newSending(c, req, req.Header).ask(ctx)
}

// asError makes err one of call's.
func asError(ctx context.Context, call Call, err error) error {
	var failure *Error
	if errors.As(err, &failure) {
		return failure
	}
	return transportError(ctx, call, err)
}

// send makes the request and follows the few redirects a GET may meet on the CRM's own
// host. Any other host would be handed credentials that are not meant for it.
func (c *Caller) send(ctx context.Context, req *Request, header *Header) (*http.Response, error) {
	out := c.request(ctx, req, header)
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
func (c *Caller) request(ctx context.Context, req *Request, header *Header) *http.Request {
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
	if header == nil {
		header = NewHeader(nil)
	}
	out.Header = header.bare
	if req.Body != nil {
		out.Header = header.withBody()
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

func (c *Caller) readBody(body *Body, resp *http.Response) error {
	if resp.ContentLength > c.maxBody {
		return errTooLarge
	}
	if resp.ContentLength > 0 {
		body.buf.Grow(int(resp.ContentLength) + bytes.MinRead)
	}
	n, err := body.buf.ReadFrom(io.LimitReader(resp.Body, c.maxBody+1))
	if err != nil {
		return err
	}
	if n > c.maxBody {
		return errTooLarge
	}
	return nil
}
