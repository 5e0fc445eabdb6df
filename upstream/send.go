package upstream

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// send makes the request and follows the few redirects a GET may meet on the CRM's own
// host. Any other host would be handed credentials that are not meant for it.
func (c *Caller) send(out *http.Request, body *Body, short Exchanger) (*http.Response, error) {
	for range maxRedirects {
		resp, err := c.exchange(out, body, short)
		if err != nil || resp == nil || out.Method != http.MethodGet || !redirects(resp) {
			return resp, err
		}
		target, err := resp.Location()
		if err != nil || target.Host != c.base.Host || target.Scheme != c.base.Scheme {
			return resp, nil //nolint:nilerr // the answer itself says that the redirect led nowhere
		}
		if err := discard(resp); err != nil {
			return nil, err
		}
		out = out.Clone(out.Context())
		out.URL = target
	}
	return c.exchange(out, body, short)
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
