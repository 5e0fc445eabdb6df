package graphqlws

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// origins are those whose pages may connect. Browsers let any page open a WebSocket, with the
// cookies of its server, and leave it to the server to look at Origin.
type origins struct {
	any     bool
	allowed map[string]bool
}

func newOrigins(list []string) (origins, error) {
	o := origins{allowed: map[string]bool{}}
	for _, text := range list {
		if text == "*" {
			o.any = true
			continue
		}
		u, err := url.Parse(text)
		if err != nil || u.Scheme == "" || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
			return o, errors.New("graphqlws: an origin is a scheme and a host, such as https://app.example.com")
		}
		o.allowed[strings.ToLower(text)] = true
	}
	return o, nil
}

// allow reports whether a request comes from a page that may connect, or from no page.
func (o *origins) allow(r *http.Request) bool {
	values := r.Header.Values("Origin")
	switch {
	case len(values) == 0 || o.any:
		return true
	case len(values) > 1:
		return false
	default:
		return o.allowed[strings.ToLower(values[0])] || isOwn(r)
	}
}

// isOwn reports whether a request comes from a page of the server's own, or from no page.
func isOwn(r *http.Request) bool {
	values := r.Header.Values("Origin")
	if len(values) == 0 {
		return true
	}
	u, err := url.Parse(values[0])
	return err == nil && len(values) == 1 && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}

// upgradeHeader returns the header of an upgrade, less what a browser adds to it by itself if it
// comes from a page that may not send that. No preflight asks for a WebSocket, and no page can
// leave it out.
func upgradeHeader(r *http.Request, credentials bool) http.Header {
	if credentials || isOwn(r) {
		return r.Header
	}
	header := r.Header.Clone()
	header.Del("Cookie")
	if !isBearer(header) {
		header.Del("Authorization") // that of HTTP's own login
	}
	return header
}
