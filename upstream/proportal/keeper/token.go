package keeper

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"crmgraph/upstream"
	"crmgraph/upstream/proportal"
)

// Token is a token of ProPortal's. It does not print its text.
type Token struct {
	Text      string
	Subject   string    // the account's number
	ExpiresAt time.Time // by the clock of this program
}

// redacted is what a token looks like wherever it is printed.
const redacted = "REDACTED"

// String returns REDACTED.
func (Token) String() string { return redacted }

// Format is String, whatever the verb.
func (Token) Format(f fmt.State, _ rune) {
	// A formatter has no way to report a failed write; fmt does not either.
	_, _ = io.WriteString(f, redacted)
}

// MarshalText is String, for JSON, logs and other encoders.
func (Token) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// When a token is used and renewed.
const (
	maxMargin = 30 * time.Second // before its end, a token is no longer used
	// maxLifetime bounds what a senseless expiry can do.
	maxLifetime = 24 * time.Hour
	// A token is renewed at a random part of its lifetime, so that replicas take turns.
	renewFrom, renewTo = 0.75, 0.9
)

// held is a token with what is to be done with it.
type held struct {
	Token
	issuedAt time.Time
	renewAt  time.Time
	useUntil time.Time
	header   *upstream.Header
	shared   bool // another replica logged in for it
}

// good reports whether the token can be used for a while yet.
func (h *held) good(now time.Time) bool { return h != nil && now.Before(h.useUntil) }

// issued returns the token of a login that was answered just now. Its lifetime is counted
// by ProPortal's clock alone, if date tells it: neither clock has to be right.
func issued(text string, date, now time.Time) (*held, error) {
	if date.IsZero() {
		date = now
	}
	c, err := readClaims(text)
	if err != nil {
		return nil, err
	}
	lifetime := c.expiresAt.Sub(date)
	if lifetime <= 0 {
		return nil, errors.New("the token has expired already")
	}
	return newHeld(text, c.subject, now, lifetime), nil
}

func newHeld(text, subject string, issuedAt time.Time, lifetime time.Duration) *held {
	lifetime = min(lifetime, maxLifetime)
	margin := min(maxMargin, lifetime/10)
	part := renewFrom + (renewTo-renewFrom)*rand.Float64()
	expiresAt := issuedAt.Add(lifetime)
	return &held{
		Token:    Token{Text: text, Subject: subject, ExpiresAt: expiresAt},
		issuedAt: issuedAt,
		renewAt:  issuedAt.Add(time.Duration(part * float64(lifetime))),
		useUntil: expiresAt.Add(-margin),
		header:   proportal.NewTokenHeader(text),
	}
}

// claims are what is read of a token.
type claims struct {
	subject   string
	expiresAt time.Time
}

// readClaims reads a token without verifying it: it comes from ProPortal itself.
func readClaims(text string) (claims, error) {
	var c struct {
		jwt.RegisteredClaims
		Subject any `json:"sub"` // ProPortal sends a number
	}
	if _, _, err := jwt.NewParser(jwt.WithJSONNumber()).ParseUnverified(text, &c); err != nil {
		return claims{}, errors.New("the token is not a JSON web token")
	}
	if c.ExpiresAt == nil {
		return claims{}, errors.New("the token has no expiry")
	}
	read := claims{expiresAt: c.ExpiresAt.Time}
	switch subject := c.Subject.(type) {
	case json.Number:
		read.subject = subject.String()
	case string:
		read.subject = subject
	}
	if read.subject == "" {
		return claims{}, errors.New("the token has no subject")
	}
	return read, nil
}
