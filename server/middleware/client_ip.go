package middleware

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Headers that proxies tell the client's address with.
const (
	XForwardedFor = "X-Forwarded-For"
	Forwarded     = "Forwarded"
)

// ClientIPOptions say whom to believe; the zero value: nobody but the connection.
type ClientIPOptions struct {
	// Proxies are the addresses of the proxies in front of the server.
	Proxies []netip.Prefix
	// Header is the one that all of them append to, X-Forwarded-For when "". The other is
	// the client's own and never read.
	Header string
}

// ClientIP returns what tells the address a request comes from: that of the connection or,
// if that is a proxy's, the right-most address in the header that is none. What stands left
// of it is the client's own word. Where a proxy tells no address ("unknown", a hidden name,
// garbage), the last proxy stands for the client, so that nobody goes uncounted. The
// address is invalid only if that of the connection is.
func ClientIP(opts ClientIPOptions) (func(*http.Request) netip.Addr, error) {
	var address func(element string) string
	switch opts.Header {
	case "", XForwardedFor:
		opts.Header, address = XForwardedFor, strings.TrimSpace
	case Forwarded:
		address = forwardedFor
	default:
		return nil, fmt.Errorf("want the header %s or %s", XForwardedFor, Forwarded)
	}
	proxies := slices.Clone(opts.Proxies)
	isProxy := func(ip netip.Addr) bool {
		return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(ip) })
	}
	return func(r *http.Request) netip.Addr {
		ip := parseIP(r.RemoteAddr)
		if !isProxy(ip) {
			return ip
		}
		for _, line := range slices.Backward(r.Header.Values(opts.Header)) {
			for more := true; more; {
				var element string
				element, line, more = cutLast(line)
				said := parseIP(address(element))
				if !said.IsValid() {
					return ip
				}
				if ip = said; !isProxy(ip) {
					return ip
				}
			}
		}
		return ip
	}, nil
}

// cutLast cuts the last element off a list and reports whether there are more. Read from the
// right, a quote that the client left open spoils the client's own elements alone.
func cutLast(list string) (last, rest string, more bool) {
	quoted := false
	for i := len(list) - 1; i >= 0; i-- {
		switch {
		case isQuote(list, i):
			quoted = !quoted
		case list[i] == ',' && !quoted:
			return list[i+1:], list[:i], true
		}
	}
	return list, "", false
}

// forwardedFor returns the parameter for of an element of Forwarded, "" if it has none
// (RFC 7239, section 4). A client may choose what others have in quotes, such as its host.
func forwardedFor(element string) string {
	for more := true; more; {
		var pair string
		pair, element, more = cutPair(element)
		if name, value, _ := strings.Cut(strings.TrimSpace(pair), "="); strings.EqualFold(name, "for") {
			return strings.Trim(value, `"`)
		}
	}
	return ""
}

// cutPair cuts the first parameter off an element and reports whether there are more.
func cutPair(element string) (pair, rest string, more bool) {
	quoted := false
	for i := range len(element) {
		switch {
		case isQuote(element, i):
			quoted = !quoted
		case element[i] == ';' && !quoted:
			return element[:i], element[i+1:], true
		}
	}
	return element, "", false
}

// isQuote reports whether a quoted text begins or ends at an index: a quote within it has a
// backslash before it, and so has a backslash.
func isQuote(text string, i int) bool {
	if text[i] != '"' {
		return false
	}
	before := text[:i]
	return (len(before)-len(strings.TrimRight(before, `\`)))%2 == 0
}

// parseIP reads an address with or without a port; it is invalid if it is none.
func parseIP(text string) netip.Addr {
	if pair, err := netip.ParseAddrPort(text); err == nil {
		return pair.Addr().Unmap().WithZone("")
	}
	text = strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}
	}
	return ip.Unmap().WithZone("")
}
