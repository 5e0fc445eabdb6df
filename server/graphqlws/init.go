package graphqlws

import (
	"net/http"
	"strings"

	"github.com/go-faster/jx"
)

// tokenOf returns the token in the payload of connection_init: its member Authorization,
// token or authToken, in any case, with or without its scheme. There may be none; ok is false
// where it is not text.
func tokenOf(payload jx.Raw) (token string, ok bool) {
	if payload == nil {
		return "", true
	}
	ok = true
	rank := 0
	err := jx.DecodeBytes(payload).ObjBytes(func(d *jx.Decoder, key []byte) error {
		found := rankOf(string(key))
		if found <= rank || d.Next() == jx.Null {
			return d.Skip()
		}
		if d.Next() != jx.String {
			ok = false
			return d.Skip()
		}
		text, err := d.Str()
		token, rank = strings.TrimSpace(text), found
		return err
	})
	if scheme, bare, cut := strings.Cut(token, " "); cut && strings.EqualFold(scheme, "Bearer") {
		token = strings.TrimSpace(bare)
	}
	return token, ok && err == nil
}

// rankOf returns which of several tokens counts: the one under the name with the highest
// rank. It is 0 for members that hold none.
func rankOf(name string) int {
	switch strings.ToLower(name) {
	case "authorization":
		return 3
	case "token":
		return 2
	case "authtoken":
		return 1
	default:
		return 0
	}
}

// headerOf returns the header that a connection's operations have: that of the upgrade, with
// the token of connection_init if that has one.
func headerOf(upgrade http.Header, token string) http.Header {
	header := upgrade.Clone()
	// Browsers put these into every upgrade, and mean the handshake.
	header.Del("Cache-Control")
	header.Del("Pragma")
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	return header
}

// isBearer reports whether a header has a token to look at. Another scheme is for login.
func isBearer(header http.Header) bool {
	scheme, _, _ := strings.Cut(header.Get("Authorization"), " ")
	return strings.EqualFold(scheme, "Bearer")
}
