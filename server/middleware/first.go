package middleware

import "net/http"

// First is header.Get(name) for a name that is canonical. Get makes it that, which takes longer than to
// look it up.
func First(header http.Header, name string) string {
	if values := header[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}
