package proportal

import (
	"context"
	"net/http"
	"time"

	"github.com/go-faster/jx"

	"crmgraph/upstream"
)

// LoginCall describes the call of Client.Login.
var LoginCall = upstream.Call{Service: upstream.ProPortal, Operation: "login", Method: http.MethodGet, Path: "auth/login"}

// Login returns a JWT for the person that the single sign-on in front of ProPortal
// recognises by header, the caller's own headers and cookies, and when it was issued by
// ProPortal's own clock, which is zero where the answer does not tell. The token is valid
// for an hour and cannot be renewed.
//
// Its error is an *upstream.Error: Unauthenticated when ProPortal does not know the
// person or refuses the token sent along, Malformed when the answer holds no token,
// and the kinds every call can end in.
//
// ProPortal: GET /auth/login («Авторизация»).
func (c *Client) Login(ctx context.Context, header http.Header) (token string, at time.Time, err error) {
	req := &upstream.Request{Call: LoginCall, Header: upstream.NewHeader(header), Classify: classifyLogin}
	body, err := c.caller.Ask(ctx, req)
	if err != nil {
		return "", time.Time{}, err
	}
	defer body.Release()
	if token, err = upstream.Read(LoginCall, body, readToken); err != nil {
		return "", time.Time{}, err
	}
	if at, err = http.ParseTime(body.Header.Get("Date")); err != nil {
		at = time.Time{}
	}
	return token, at, nil
}

func readToken(d *jx.Decoder) (token string, err error) {
	err = upstream.ReadObject(d, func(d *jx.Decoder, key []byte) (err error) {
		switch {
		case string(key) != "token":
			return d.Skip()
		case d.Next() != jx.String:
			return upstream.AtField("token", upstream.Unreadable("a text was due"))
		default:
			token, err = d.Str()
			return upstream.AtField("token", err)
		}
	})
	if err == nil && !isToken(token) {
		err = upstream.AtField("token", upstream.Unreadable("no token"))
	}
	return token, err
}

// classifyLogin tells a refused login, which ProPortal reports with 404 and 500, from a
// missing page and a broken server by the word in the body.
func classifyLogin(status int, body []byte) upstream.Kind {
	refused := false
	note := func(word []byte) {
		switch string(word) {
		case "user_not_found", "token_expired", "token_invalid", "token_absent":
			refused = true
		}
	}
	d := jx.DecodeBytes(body)
	var err error
	switch d.Next() {
	case jx.Array:
		err = d.Arr(func(d *jx.Decoder) error {
			if d.Next() != jx.String {
				return d.Skip()
			}
			word, err := d.StrBytes()
			note(word)
			return err
		})
	case jx.Object:
		err = d.ObjBytes(func(d *jx.Decoder, key []byte) error {
			note(key)
			return d.Skip()
		})
	default:
		return upstream.KindOfStatus(status)
	}
	if err != nil || !refused {
		return upstream.KindOfStatus(status)
	}
	return upstream.Unauthenticated
}
