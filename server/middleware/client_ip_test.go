package middleware_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"crmgraph/server/middleware"
)

func TestClientIP(t *testing.T) {
	t.Parallel()
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:ffff::/48")}
	tests := []struct {
		name, header string
		lines        []string
		remote, want string
	}{
		{"no proxy", "", nil, "203.0.113.7:1000", "203.0.113.7"},
		{"a client that claims to be behind one", "", []string{"1.1.1.1"}, "203.0.113.7:1000", "203.0.113.7"},
		{"one proxy", "", []string{"203.0.113.7"}, "10.0.0.1:1000", "203.0.113.7"},
		{"the client's own word", "", []string{"1.1.1.1, 203.0.113.7"}, "10.0.0.1:1000", "203.0.113.7"},
		{"two proxies", "", []string{"1.1.1.1, 203.0.113.7, 10.0.0.2"}, "10.0.0.1:1000", "203.0.113.7"},
		{"lines", "", []string{"1.1.1.1", "203.0.113.7", "10.0.0.2"}, "10.0.0.1:1000", "203.0.113.7"},
		{"nothing but proxies", "", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.1:1000", "10.0.0.3"},
		{"no header", "", nil, "10.0.0.1:1000", "10.0.0.1"},
		{"garbage behind a proxy", "", []string{"1.1.1.1, garbage, 10.0.0.2"}, "10.0.0.1:1000", "10.0.0.2"},
		{"an empty element", "", []string{"1.1.1.1, "}, "10.0.0.1:1000", "10.0.0.1"},
		{"a port", "", []string{"203.0.113.7:4711"}, "10.0.0.1:1000", "203.0.113.7"},
		{"IPv6", "", []string{"2001:db8::7"}, "[2001:db8:ffff::1]:1000", "2001:db8::7"},
		{"IPv4 in IPv6", "", []string{"203.0.113.7"}, "[::ffff:10.0.0.1]:1000", "203.0.113.7"},
		{"the other header is not read", "", nil, "10.0.0.1:1000", "10.0.0.1"},
		{"Forwarded", "Forwarded", []string{`for=1.1.1.1, for=203.0.113.7;proto=https;by=10.0.0.1`}, "10.0.0.1:1000", "203.0.113.7"},
		{"Forwarded, quoted, with a port", "Forwarded", []string{`For="[2001:db8::7]:4711"`}, "10.0.0.1:1000", "2001:db8::7"},
		{"Forwarded, with a quote left open by the client", "Forwarded", []string{`for="1.1.1.1, for=203.0.113.7`}, "10.0.0.1:1000", "203.0.113.7"},
		{"Forwarded, with a comma quoted", "Forwarded", []string{`for=203.0.113.7;host="a,b"`}, "10.0.0.1:1000", "203.0.113.7"},
		{"Forwarded, with a semicolon quoted", "Forwarded", []string{`host="a;for=9.9.9.9;b";for=203.0.113.7`}, "10.0.0.1:1000", "203.0.113.7"},
		{"Forwarded, with a quote quoted", "Forwarded", []string{`for=9.9.9.9;by=x, host="a\"b";for=203.0.113.7`}, "10.0.0.1:1000", "203.0.113.7"},
		{"Forwarded, with a backslash quoted", "Forwarded", []string{`for=9.9.9.9;by=x, host="a\\";for=203.0.113.7`}, "10.0.0.1:1000", "203.0.113.7"},
		{"Forwarded, hidden", "Forwarded", []string{`for=1.1.1.1, for=_gazonk`}, "10.0.0.1:1000", "10.0.0.1"},
		{"Forwarded, unknown", "Forwarded", []string{`for=unknown`}, "10.0.0.1:1000", "10.0.0.1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			clientIP, err := middleware.ClientIP(middleware.ClientIPOptions{Proxies: proxies, Header: test.header})
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			r.RemoteAddr = test.remote
			believed, other := "X-Forwarded-For", "Forwarded"
			if test.header != "" {
				believed, other = other, believed
			}
			r.Header[believed] = test.lines
			r.Header.Set(other, "for=9.9.9.9")
			if got, want := clientIP(r), netip.MustParseAddr(test.want); got != want {
				t.Errorf("client: got %v, want %v", got, want)
			}
		})
	}
	if _, err := middleware.ClientIP(middleware.ClientIPOptions{Header: "X-Real-Ip"}); err == nil {
		t.Error("a header that is no list: got no error, want one")
	}
}
