package sandbox

import (
	"net/http"
	"strconv"
	"strings"
)

// ssoCookie names the manager whom the single sign-on in front of ProPortal let in.
const ssoCookie = "sandbox_sso"

func proPortalUnauthorized() answer {
	return answer{status: http.StatusUnauthorized, contentType: typeText, body: []byte("Unauthorized.")}
}

// authenticate returns the manager of a request's token, nil if there is no good one.
func (p *proPortal) authenticate(r *http.Request) *portalManager {
	token, _ := bearer(r)
	id, fault := p.tokens.subject(token)
	if fault != "" {
		return nil
	}
	return p.manager(id)
}

// bearer returns the token a request carries and whether it means to carry one.
func bearer(r *http.Request) (token string, ok bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(token), strings.EqualFold(scheme, "Bearer")
}

// login gives a token to the manager whom the cookie of the single sign-on, basic
// authentication (the manager's id and any password) or an older token names.
func (p *proPortal) login(r proPortalRequest) answer {
	id, fault := p.identity(r.Request)
	switch {
	case fault == tokenAbsent:
		return jsonStatus(http.StatusInternalServerError, map[string]string{string(tokenAbsent): "The token could not be parsed from the request"})
	case fault != "":
		return jsonStatus(http.StatusInternalServerError, []string{string(fault)})
	case p.managers[id] == nil:
		return jsonStatus(http.StatusNotFound, []string{"user_not_found"})
	default:
		return jsonStatus(http.StatusOK, map[string]string{"token": p.tokens.issue(id, p.tokens.lifetime)})
	}
}

// identity returns whom a login is for, 0 for nobody.
func (p *proPortal) identity(r *http.Request) (int64, tokenFault) {
	if cookie, err := r.Cookie(ssoCookie); err == nil {
		return managerNumber(cookie.Value), ""
	}
	if user, _, ok := r.BasicAuth(); ok {
		return managerNumber(user), ""
	}
	if token, ok := bearer(r); ok {
		return p.tokens.subject(token)
	}
	return 0, ""
}

func managerNumber(text string) int64 {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return id
}
