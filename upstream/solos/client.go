// Package solos is the client of solOS, the CRM of sales projects, in the version 2
// of its API. Answers belong to the company, not to a viewer.
package solos

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode"

	"crmgraph/upstream"
	"crmgraph/upstream/jsonread"
)

// Defaults of Options.
const (
	DefaultLocation      = "Europe/Moscow"
	DefaultCustomerField = "client_id"
)

// apiPath is where an installation has its API.
const apiPath = "/backend/public"

// Options are the settings of a Client; the zero value means the defaults.
type Options struct {
	upstream.CallerOptions
	// Location is the zone of the CRM's dates and times; nil means DefaultLocation.
	Location *time.Location
	// CustomerField is the dynamic field that holds the ProPortal customer's id;
	// empty means DefaultCustomerField.
	CustomerField string
	// Aliases adds an installation's own spellings of fields, tried before the built-in
	// ones: type, field, names, e.g. {"project": {"price": ["cost"]}}. New names the
	// types and fields there are if one is unknown.
	Aliases map[string]map[string][]string
}

// Client talks to one solOS installation with the company's key pair. It is safe for
// concurrent use.
type Client struct {
	caller        *upstream.Caller
	header        *upstream.Header
	zone          *time.Location
	customerField string
	names         *nameTables
	readers       sync.Pool // of *reader
}

// New returns a client for the installation at base, the URL up to and without
// "/backend/public". Token and secret are the company's key pair.
func New(base, token, secret string, opts Options) (*Client, error) {
	base = strings.TrimSuffix(base, "/")
	if strings.HasSuffix(base, apiPath) {
		return nil, fmt.Errorf("solos: the base URL must end before %s", apiPath)
	}
	caller, err := upstream.NewCaller(base+apiPath, opts.CallerOptions)
	if err != nil {
		return nil, fmt.Errorf("solos: %w", err)
	}
	if !isHeaderValue(token) || !isHeaderValue(secret) {
		return nil, errors.New("solos: token and secret must be given, without control characters")
	}
	tables, err := newNameTables(opts.Aliases)
	if err != nil {
		return nil, fmt.Errorf("solos: %w", err)
	}
	c := &Client{
		caller:        caller,
		header:        upstream.NewHeader(http.Header{"X-Crypto-Token": {token}, "X-Crypto-Secret": {secret}}),
		zone:          opts.Location,
		customerField: opts.CustomerField,
		names:         tables,
	}
	if c.zone == nil {
		if c.zone, err = time.LoadLocation(DefaultLocation); err != nil {
			return nil, fmt.Errorf("solos: %w", err)
		}
	}
	if c.customerField == "" {
		c.customerField = DefaultCustomerField
	}
	return c, nil
}

// CustomerField returns the name of the dynamic field that holds the ProPortal
// customer's id.
func (c *Client) CustomerField() string { return c.customerField }

func isHeaderValue(text string) bool {
	return strings.TrimSpace(text) != "" && !strings.ContainsFunc(text, unicode.IsControl)
}

// company is who may see what solOS answers: everybody, for it knows no viewers.
const company = "company"

// get sends a GET unless its query cannot be built of the arguments. What it asks for are the
// parts of a project, or no project's where that is 0.
func get[T any](ctx context.Context, c *Client, call *upstream.Call, project uint64, q *query, read func(*reader, *jsonread.Decoder) (T, error)) (T, error) {
	if q.fault != "" {
		var none T
		return none, invalid(call, q.fault)
	}
	return send(ctx, c, &upstream.Request{Call: call, ID: q.named, Query: q.encoded.String()}, project, read)
}

// send sends a request in the company's name.
func send[T any](ctx context.Context, c *Client, req *upstream.Request, project uint64, read func(*reader, *jsonread.Decoder) (T, error)) (T, error) {
	req.Header, req.Scope, req.Classify = c.header, company, classify
	call := req.Call // so that the request need not outlive this
	return upstream.Get(ctx, c.caller, req, func(d *jsonread.Decoder) (T, error) {
		r := c.reader(call, project)
		defer c.release(r)
		return read(r, d)
	})
}

// classify tells refusals apart: solOS knows no viewers, so it can only have refused
// the company's own key pair.
func classify(status int, _ []byte) upstream.Kind {
	if status == http.StatusUnauthorized || status == http.StatusForbidden {
		return upstream.Rejected
	}
	return upstream.KindOfStatus(status)
}

// invalid is the error of arguments that no request can be made of; nothing was sent.
func invalid(call *upstream.Call, reason string) error {
	return &upstream.Error{Call: *call, Kind: upstream.Invalid, Err: errors.New(reason)}
}
