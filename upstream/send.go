package upstream

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"crmgraph/upstream/callcontext"
	"crmgraph/upstream/transport/http1"
)

// send sends req, the short way if there is one for it. There is no response where body has all
// of the answer.
func (c *Caller) send(ctx context.Context, req *Request, header *Header, body *Body, whole bool) (*http.Response, error) {
	if header == nil {
		header = noHeader
	}
	if !whole && c.shorten(&body.request, req, header) {
		resp, served, err := c.short.Exchange(ctx, &body.request, body, min(c.maxBody, largeAnswer))
		switch {
		case err != nil:
			return nil, err
		case served && resp == nil:
			body.Status = http.StatusOK
			return nil, nil
		case served:
			return c.follow(ctx, req, header, resp)
		}
	}
	return c.sendInFull(ctx, req, header)
}

// sendInFull sends req the long way.
func (c *Caller) sendInFull(ctx context.Context, req *Request, header *Header) (*http.Response, error) {
	callcontext.Block(ctx)
	resp, err := c.transport.RoundTrip(c.request(ctx, req, header))
	if err != nil {
		return nil, err
	}
	return c.follow(ctx, req, header, resp)
}

// follow follows the few redirects a GET may meet on the CRM's own host. Any other host would be
// handed credentials that are not meant for it.
func (c *Caller) follow(ctx context.Context, req *Request, header *Header, resp *http.Response) (*http.Response, error) {
	if req.Call.Method != http.MethodGet || !redirects(resp) {
		return resp, nil
	}
	out := c.request(ctx, req, header)
	for range maxRedirects {
		resp.Request = out
		target, err := resp.Location()
		if err != nil || target.Host != c.base.Host || target.Scheme != c.base.Scheme {
			return resp, nil //nolint:nilerr // the answer itself says that the redirect led nowhere
		}
		if err := discard(resp); err != nil {
			return nil, err
		}
		out = out.Clone(ctx)
		out.URL = target
		if resp, err = c.transport.RoundTrip(out); err != nil || !redirects(resp) {
			return resp, err
		}
	}
	return resp, nil
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

// shorten makes the request for an Exchanger, if it is one for it.
func (c *Caller) shorten(short *http1.Request, req *Request, header *Header) bool {
	method := http.MethodGet
	if req.Body != nil {
		method = http.MethodPost
	}
	fields := header.of(req.Body != nil)
	if c.short == nil || fields.short == nil || req.Call.Method != method {
		return false
	}
	*short = http1.Request{Server: c.base, Path: [4]string{c.path}, Query: req.Query, Header: fields.short, Body: req.Body}
	path, rest, named := strings.Cut(req.Call.Path, "{id}")
	short.Path[1] = path
	if named {
		short.Path[2], short.Path[3] = req.ID, rest
	}
	return isUnescaped(path, true) && isUnescaped(short.Path[2], false) && isUnescaped(rest, true)
}

// isUnescaped reports whether there is nothing in a part of a path that would have to be escaped.
func isUnescaped(part string, slashes bool) bool {
	for i := range len(part) {
		switch b := part[i]; {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', b == '-', b == '_', b == '.':
		case b != '/' || !slashes:
			return false
		}
	}
	return true
}

// request makes the request by hand: a client of the standard library would parse its URL
// and look after cookies and redirects again for each of many calls.
func (c *Caller) request(ctx context.Context, req *Request, header *Header) *http.Request {
	target := *c.base
	target.RawPath = c.path + strings.Replace(req.Call.Path, "{id}", url.PathEscape(req.ID), 1)
	target.Path += strings.Replace(req.Call.Path, "{id}", req.ID, 1)
	target.RawQuery = req.Query
	out := new(http.Request).WithContext(ctx)
	out.Method, out.URL, out.Host = req.Call.Method, &target, target.Host
	out.Proto, out.ProtoMajor, out.ProtoMinor = "HTTP/1.1", 1, 1
	out.Header = header.of(req.Body != nil).full
	if req.Body != nil {
		out.ContentLength = int64(len(req.Body))
		out.Body = io.NopCloser(bytes.NewReader(req.Body))
		out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(req.Body)), nil }
	}
	return out
}
