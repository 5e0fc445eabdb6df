package middleware

import (
	"fmt"
	"mime"
	"net/http"
	"strings"
)

// CSRF refuses what a page of another site could have a browser send without asking
// this server first. Nothing depends on cookies or tokens of its own:
//
//   - Sec-Fetch-Site is same-origin or none, or there is neither Sec-Fetch-Site nor
//     Origin: served. The latter is curl, a CDN, an app or a server, not a browser.
//   - Origin is this server's or one of trusted: served.
//   - Another site's GET or HEAD: served if it cannot be a simple request, which is what
//     browsers send without a preflight. Then its Content-Type is none of the three of
//     HTML forms, it brings a bearer token, or it has one of X-Apollo-Operation-Name,
//     Apollo-Require-Preflight, GraphQL-Require-Preflight and X-Requested-With.
//   - Any other method of another site: refused, by http.CrossOriginProtection.
//
// OPTIONS is always served. A POST with the Content-Type of a form that no browser sent is
// left to the handler, which reads JSON alone and answers 415. The refusal has status 403.
//
// Trusted are origins such as https://app.example.com, as a rule those of CORS; one with a path
// or without a scheme is an error. "*" serves every origin what cannot be a simple request, with
// any method: the browser has then asked CORS, which allows everybody to send it.
func CSRF(trusted ...string) (func(http.Handler) http.Handler, error) {
	protection := http.NewCrossOriginProtection()
	anyOrigin := false
	for _, origin := range trusted {
		if origin == "*" {
			anyOrigin = true
			continue
		}
		if err := protection.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("trusted origins: %w", err)
		}
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if fromHere(protection, r) || (anyOrigin || isRead(r)) && needsPreflight(r.Header) {
				next.ServeHTTP(w, r)
				return
			}
			WriteError(w, r, http.StatusForbidden, CodeCrossSite, "This looks like a request that a page of another site had a browser send.")
		})
	}, nil
}

// fromHere reports whether r is of this origin or a trusted one, or of no browser.
func fromHere(protection *http.CrossOriginProtection, r *http.Request) bool {
	if isRead(r) {
		// The protection itself never refuses a read.
		written := *r
		written.Method = http.MethodPost
		r = &written
	}
	return protection.Check(r) == nil
}

func isRead(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

// needsPreflight reports whether a browser asks before it sends such a request to another
// origin.
func needsPreflight(header http.Header) bool {
	for _, name := range [...]string{
		"X-Apollo-Operation-Name", "Apollo-Require-Preflight", "Graphql-Require-Preflight", "X-Requested-With",
	} {
		if header.Get(name) != "" {
			return true
		}
	}
	// Browsers add Basic credentials they remember by themselves, bearer tokens never.
	if scheme, _, _ := strings.Cut(header.Get("Authorization"), " "); strings.EqualFold(scheme, "Bearer") {
		return true
	}
	contentType, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return false
	}
	switch contentType {
	case "application/x-www-form-urlencoded", "multipart/form-data", "text/plain":
		return false
	default:
		return true
	}
}
