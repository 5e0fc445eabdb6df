package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// leeway is how far the clocks of an issuer and of this program may be apart.
const leeway = 30 * time.Second

// lastExpiry is the last instant that can be written as an RFC 3339 date, the end of
// the year 9999 in unix seconds.
const lastExpiry = 253402300799

// claims are what is read of a token.
type claims struct {
	Subject   subject
	ExpiresAt *jwt.NumericDate
	NotBefore *jwt.NumericDate
	IssuedAt  *jwt.NumericDate
}

// UnmarshalJSON reads the claims of a token.
func (c *claims) UnmarshalJSON(data []byte) error { return readClaims(data, c.members()) }

// members are the claims by their names.
func (c *claims) members() map[string]any {
	return map[string]any{"sub": &c.Subject, "exp": &c.ExpiresAt, "nbf": &c.NotBefore, "iat": &c.IssuedAt}
}

// readClaims reads the members of an object whose names are in into. The names of claims are
// case-sensitive (RFC 7519, section 7.3), while package json takes a claim SUB of an issuer's own, whose
// value somebody may have chosen, for sub.
func readClaims(data []byte, into map[string]any) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return err
	}
	for name, value := range into {
		if text, ok := members[name]; ok {
			if err := json.Unmarshal(text, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// GetExpirationTime is part of jwt.Claims.
func (c *claims) GetExpirationTime() (*jwt.NumericDate, error) { return c.ExpiresAt, nil }

// GetNotBefore is part of jwt.Claims.
func (c *claims) GetNotBefore() (*jwt.NumericDate, error) { return c.NotBefore, nil }

// GetIssuedAt is part of jwt.Claims.
func (c *claims) GetIssuedAt() (*jwt.NumericDate, error) { return c.IssuedAt, nil }

// GetIssuer is part of jwt.Claims; the issuer is ProPortal's login URL and not checked.
func (c *claims) GetIssuer() (string, error) { return "", nil }

// GetSubject is part of jwt.Claims.
func (c *claims) GetSubject() (string, error) { return string(c.Subject), nil }

// GetAudience is part of jwt.Claims; ProPortal's tokens have none.
func (c *claims) GetAudience() (jwt.ClaimStrings, error) { return nil, nil }

// Validate completes what the library checks of the claims.
func (c *claims) Validate() error {
	if c.Subject == "" {
		return errors.New("no subject")
	}
	if c.ExpiresAt != nil && c.ExpiresAt.Unix() > lastExpiry {
		return errors.New("expiry out of range")
	}
	return nil
}

// subject is the claim sub as text. ProPortal sends a number, other issuers send text;
// the digits are kept as they are written, since a float would not hold every id.
type subject string

// UnmarshalJSON reads a text or a whole number.
func (s *subject) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		var text string
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
		*s = subject(strings.TrimSpace(text))
		return nil
	}
	for _, b := range data {
		if b < '0' || b > '9' {
			return errors.New("sub is neither text nor a whole number")
		}
	}
	*s = subject(bytes.Clone(data))
	return nil
}

// checkForm refuses tokens that are not worth decoding.
func checkForm(token string) error {
	if len(token) > maxToken {
		return refused("the token is too long")
	}
	// The decoder of base64 skips line breaks, which no header may have.
	if strings.IndexByte(token, '\r') >= 0 || strings.IndexByte(token, '\n') >= 0 {
		return refused("the token has a line break")
	}
	return nil
}

// options are what the parsers of all verifiers share.
func options(now func() time.Time) []jwt.ParserOption {
	return []jwt.ParserOption{
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(leeway),
		jwt.WithTimeFunc(now),
	}
}
