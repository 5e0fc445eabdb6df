package upstream

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
)

// Exchanger is a transport that has a shorter way for most answers.
type Exchanger interface {
	http.RoundTripper
	// Exchange is RoundTrip for one who wants nothing of most answers but their bodies: where an
	// answer has status 200 and nothing stands against it, its body, of no more than limit bytes,
	// is read into memory, and there is no response. Every other answer is one. The memory is
	// asked for room when it is known how much, which is late: many calls wait at a time.
	Exchange(req *http.Request, memory interface{ Make(n int) []byte }, limit int64) (*http.Response, error)
}

// receive sends req once and reads the answer into body. Every error is an *Error.
func (c *Caller) receive(ctx context.Context, req *Request, header *Header, body *Body, whole bool) error {
	short := c.short
	if whole {
		short = nil
	}
	resp, err := c.send(c.request(ctx, req, header), body, short)
	if err != nil {
		return transportError(ctx, req.Call, err)
	}
	if resp == nil {
		return nil
	}
	defer func() { _ = resp.Body.Close() }()

	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return c.refused(req, resp)
	}
	body.Status, body.Header = resp.StatusCode, resp.Header
	switch err := c.readBody(body, resp); {
	case errors.Is(err, errTooLarge):
		return &Error{Call: req.Call, Kind: Malformed, Status: resp.StatusCode, Err: err}
	case err != nil:
		return transportError(ctx, req.Call, err)
	default:
		return nil
	}
}

// exchange sends a request the short way, if there is one, and else by RoundTrip. There is no
// response where the body has all of the answer.
func (c *Caller) exchange(out *http.Request, body *Body, short Exchanger) (*http.Response, error) {
	if short == nil {
		return c.transport.RoundTrip(out)
	}
	resp, err := short.Exchange(out, body, c.maxBody)
	if err == nil && resp == nil {
		body.Status = http.StatusOK
	}
	return resp, err
}

var errTooLarge = errors.New("the answer is larger than the limit")

func (c *Caller) readBody(body *Body, resp *http.Response) error {
	if resp.ContentLength > c.maxBody {
		return errTooLarge
	}
	content := bytes.NewBuffer(body.Make(int(max(0, resp.ContentLength)) + bytes.MinRead)[:0])
	n, err := content.ReadFrom(io.LimitReader(resp.Body, c.maxBody+1))
	body.content = content.Bytes()
	if err != nil {
		return err
	}
	if n > c.maxBody {
		return errTooLarge
	}
	return nil
}
