package proportal

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/jsonread"
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
	req := &upstream.Request{Call: &LoginCall, Header: upstream.NewHeader(header), Classify: classifyLogin}
	body, err := c.caller.Ask(ctx, req)
	if err != nil {
		return "", time.Time{}, err
	}
	defer body.Release()
	if token, err = upstream.Read(&LoginCall, body, readToken); err != nil {
		return "", time.Time{}, err
	}
	if at, err = http.ParseTime(body.Header.Get("Date")); err != nil {
		at = time.Time{}
	}
	return token, at, nil
}

func readToken(d *jsonread.Decoder) (token string, err error) {
	err = upstream.ReadObject(d, func(d *jsonread.Decoder, key []byte) (err error) {
		switch {
		case string(key) != "token":
			return d.Skip()
		case d.Next() != jsonread.String:
			return upstream.AtField("token", upstream.Unreadable("a text was due"))
		default:
			text, err := d.Text()
			token = string(text)
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
	d := jsonread.New(body)
	var err error
	switch d.Next() {
	case jsonread.Array:
		elements := d.Elements()
		for err == nil && elements.Next() {
			if d.Next() != jsonread.String {
				err = d.Skip()
				continue
			}
			var word []byte
			word, err = d.Text()
			note(word)
		}
		err = cmp.Or(err, elements.Err())
	case jsonread.Object:
		members := d.Members()
		for err == nil && members.Next() {
			note(members.Key())
			err = d.Skip()
		}
		err = cmp.Or(err, members.Err())
	default:
		return upstream.KindOfStatus(status)
	}
	if err != nil || !refused {
		return upstream.KindOfStatus(status)
	}
	return upstream.Unauthenticated
}
