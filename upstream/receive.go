package upstream

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"

	"crmgraph/upstream/transport/http1"
)

// Exchanger is a transport that has a shorter way for most requests and their answers.
type Exchanger interface {
	http.RoundTripper
	// Exchange is RoundTrip for one who wants nothing of most answers but their bodies: where an
	// answer has status 200 and nothing stands against it, its body, of no more than limit bytes,
	// is read into memory, and there is no response. Every other answer is one, which knows of no
	// request. The memory is asked for room when it is known how much, which is late: many calls
	// wait at a time. A request that is not served was not sent, and has to go by RoundTrip.
	Exchange(ctx context.Context, req *http1.Request, memory http1.Memory, limit int64) (resp *http.Response, served bool, err error)
}

// receive sends req once and reads the answer into body. Every error is an *Error.
func (c *Caller) receive(ctx context.Context, req *Request, header *Header, body *Body, whole bool) error {
	resp, err := c.send(ctx, req, header, body, whole) //nolint:bodyclose // take closes it
	switch {
	case err != nil:
		return transportError(ctx, req.Call, err)
	case resp == nil:
		return nil
	default:
		return c.take(ctx, req, resp, body)
	}
}

// take reads the answer that is not in body yet.
func (c *Caller) take(ctx context.Context, req *Request, resp *http.Response, body *Body) error {
	defer func() { _ = resp.Body.Close() }()

	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return c.refused(req, resp)
	}
	body.Status, body.Header = resp.StatusCode, resp.Header
	switch err := c.readBody(ctx, body, resp); {
	case errors.Is(err, errTooLarge):
		return &Error{Call: *req.Call, Kind: Malformed, Status: resp.StatusCode, Err: err}
	case errors.Is(err, errNoRoom):
		return &Error{Call: *req.Call, Kind: Overloaded, Status: resp.StatusCode, Err: err}
	case err != nil:
		return transportError(ctx, req.Call, err)
	default:
		return nil
	}
}

var (
	errTooLarge = errors.New("the answer is larger than the limit")
	errNoRoom   = errors.New("too many large answers are in memory")
)

// readBody reads an answer, of which what is beyond largeAnswer may have to wait for others.
func (c *Caller) readBody(ctx context.Context, body *Body, resp *http.Response) error {
	if resp.ContentLength > c.maxBody {
		return errTooLarge
	}
	limit := c.maxBody
	if resp.ContentLength < 0 {
		limit = min(limit, largeAnswer)
	} else if err := c.admitLarge(ctx, body, resp.ContentLength); err != nil {
		return err
	}
	content := bytes.NewBuffer(body.Make(int(max(0, resp.ContentLength)) + bytes.MinRead)[:0])
	n, err := content.ReadFrom(io.LimitReader(resp.Body, limit+1))
	if err == nil && limit < n && limit < c.maxBody {
		if err = c.admitLarge(ctx, body, n); err == nil {
			_, err = content.ReadFrom(io.LimitReader(resp.Body, c.maxBody-limit))
		}
	}
	body.content = content.Bytes()
	if err == nil && int64(len(body.content)) > c.maxBody {
		return errTooLarge
	}
	return err
}

// admitLarge waits until there is room for a body of so many bytes, or more.
func (c *Caller) admitLarge(ctx context.Context, body *Body, bytes int64) error {
	if bytes <= largeAnswer {
		return nil
	}
	err := c.large.admit(ctx, body)
	if errors.Is(err, context.DeadlineExceeded) {
		return errNoRoom // and no fault of the CRM
	}
	return err
}
