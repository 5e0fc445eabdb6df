// Package proportal is the client of ProPortal, the CRM of a bank manager's customer
// groups, portfolio and tasks. It reads both dialects in which installations answer.
package proportal

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/jsonread"
)

// DefaultLocation is the zone of the CRM unless Options say otherwise.
const DefaultLocation = "Europe/Moscow"

// Options are the settings of a Client; the zero value means the defaults.
type Options struct {
	upstream.CallerOptions
	// Now is the clock that tells planned tasks from overdue ones where the CRM does not
	// say; nil means time.Now.
	Now func() time.Time
	// Location is the zone in which an instant is a day; nil means DefaultLocation.
	Location *time.Location
}

// Client talks to one ProPortal installation. It is safe for concurrent use.
type Client struct {
	caller  *upstream.Caller
	now     func() time.Time
	zone    *time.Location
	readers sync.Pool // of *reader
}

// New returns a client for the installation at base, e.g. "https://proportal:81". It
// fails if base is no absolute http or https URL or an option is out of range.
func New(base string, opts Options) (*Client, error) {
	caller, err := upstream.NewCaller(base, opts.CallerOptions)
	if err != nil {
		return nil, err
	}
	now := opts.Now
	if now == nil {
		now = time.Now
	}
	zone := opts.Location
	if zone == nil {
		zone, err = time.LoadLocation(DefaultLocation)
		if err != nil {
			return nil, err
		}
	}
	return &Client{caller: caller, now: now, zone: zone}, nil
}

// ViewerClient makes calls in the name of one viewer; there is no other way to make
// one, so no answer can be asked for with another viewer's token. It is safe for
// concurrent use.
//
// Every error of its methods is an *upstream.Error: Unauthenticated when the CRM refuses
// the token (or the token cannot be one), Forbidden, RateLimited, Timeout, Unavailable,
// Canceled, Invalid for an argument the CRM has no meaning for, and Malformed with the
// field's name for an answer that cannot be read. NotFound is named where it can occur.
type ViewerClient struct {
	client      *Client
	refused     bool // the token cannot be one
	scope       string
	token       string
	header      *upstream.Header
	credentials upstream.Credentials
}

// Identity is in whose name calls are made.
type Identity struct {
	// Subject is who the token was issued to. Answers are kept and shared for this viewer
	// alone; where it is empty, for nobody.
	Subject string
	Token   string // a JWT of ProPortal's
}

// As returns the calls that the bearer of id's token may make.
func (c *Client) As(id Identity) *ViewerClient {
	if !isToken(id.Token) {
		return &ViewerClient{client: c, refused: true}
	}
	return &ViewerClient{client: c, scope: id.Subject, token: id.Token, header: NewTokenHeader(id.Token)}
}

// AsService returns calls in the name of one account, which credentials log in. Answers
// are kept and shared for whoever may use that account.
func (c *Client) AsService(account string, credentials upstream.Credentials) *ViewerClient {
	return &ViewerClient{client: c, scope: account, credentials: credentials}
}

// NewTokenHeader returns the header of requests in the name of token's bearer.
func NewTokenHeader(token string) *upstream.Header {
	return upstream.NewHeader(http.Header{"Authorization": {"Bearer " + token}})
}

// about returns the request of a call about one object. No object has an id below 1,
// which saves the call.
func about(call *upstream.Call, id int64) (*upstream.Request, error) {
	if id <= 0 {
		return nil, &upstream.Error{Call: *call, Kind: upstream.NotFound}
	}
	return &upstream.Request{Call: call, ID: strconv.FormatInt(id, 10)}, nil
}

// get sends req in the viewer's name and reads the answer.
func get[T any](ctx context.Context, v *ViewerClient, req *upstream.Request, read func(*reader, *jsonread.Decoder) (T, error)) (T, error) {
	var none T
	if v.refused {
		return none, &upstream.Error{Call: *req.Call, Kind: upstream.Unauthenticated}
	}
	lasts := new(time.Duration)
	req.Header, req.Scope, req.Credential, req.Credentials, req.Lasts = v.header, v.scope, v.token, v.credentials, lasts
	return upstream.Get(ctx, v.client.caller, req, func(d *jsonread.Decoder) (T, error) {
		r := v.client.reader()
		defer v.client.release(r)
		value, err := read(r, d)
		*lasts = r.lasts
		return value, err
	})
}

// getOne gets the object that a call is about.
func getOne[T any](ctx context.Context, v *ViewerClient, call *upstream.Call, id int64, object func(*reader, *jsonread.Decoder) (T, error)) (T, error) {
	var none T
	req, err := about(call, id)
	if err != nil {
		return none, err
	}
	return get(ctx, v, req, one(object))
}

// one reads an answer that is a single object.
func one[T any](object func(*reader, *jsonread.Decoder) (T, error)) func(*reader, *jsonread.Decoder) (T, error) {
	return func(r *reader, d *jsonread.Decoder) (value T, err error) {
		err = readOne(d, func(d *jsonread.Decoder) (err error) {
			value, err = object(r, d)
			return err
		})
		return value, err
	}
}

// isToken reports whether text can stand in a header as a token: it has no space, no
// control character and nothing beyond ASCII.
func isToken(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// invalid is the error for an argument that must not be sent.
func invalid(call *upstream.Call, reason string) error {
	return &upstream.Error{Call: *call, Kind: upstream.Invalid, Err: errors.New(reason)}
}

// query is an encoded query whose parameters keep the order they were added in.
type query struct{ encoded string }

// with returns q with one parameter more; an empty value is not sent.
func (q query) with(name, value string) query {
	switch {
	case value == "":
		return q
	case q.encoded == "":
		return query{name + "=" + url.QueryEscape(value)}
	default:
		return query{q.encoded + "&" + name + "=" + url.QueryEscape(value)}
	}
}

// withNumber is with for a number; 0 is not sent.
func (q query) withNumber(name string, value int) query {
	if value == 0 {
		return q
	}
	return q.with(name, strconv.Itoa(value))
}
