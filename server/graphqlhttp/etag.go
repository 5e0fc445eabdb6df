package graphqlhttp

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// tagBytes of a hash make an entity tag: nobody finds two answers that share one.
const tagBytes = 16

// entityTag returns the strong validator of an answer: of its bytes and its type.
func entityTag(a answer) string {
	hash := sha256.New()
	hash.Write([]byte(a.mediaType))
	hash.Write(a.out.Buf)
	return `"` + base64.RawURLEncoding.EncodeToString(hash.Sum(nil)[:tagBytes]) + `"`
}

// matches reports whether tag is among those of If-None-Match, where a weak one is as
// good (RFC 9110, section 13.1.2).
func matches(ifNoneMatch []string, tag string) bool {
	for _, value := range ifNoneMatch {
		for candidate := range strings.SplitSeq(value, ",") {
			candidate = strings.TrimSpace(candidate)
			if candidate == "*" || strings.TrimPrefix(candidate, "W/") == tag {
				return true
			}
		}
	}
	return false
}
