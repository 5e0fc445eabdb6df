package sandbox

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// userProvider is the hash of the PHP class behind the subject, as the reference's own token has it.
const userProvider = "23bd5c8949f600adb39e701c400872db7a5976f7"

// claims is what tymon/jwt-auth puts into a token. Subject is a number there.
type claims struct {
	jwt.RegisteredClaims
	Subject  int64  `json:"sub"`
	Provider string `json:"prv"`
}

// tokenIssuer makes and reads ProPortal's tokens.
type tokenIssuer struct {
	secret   []byte
	issuer   string
	lifetime time.Duration // of a login's tokens
	skew     time.Duration // between its clock and real time
	// revocations counts how often all tokens were revoked. The ids of tokens begin with
	// what it was when they were issued.
	revocations atomic.Uint64
}

func (i *tokenIssuer) now() time.Time { return time.Now().Add(i.skew) }

func (i *tokenIssuer) issue(managerID int64, lifetime time.Duration) string {
	issued := i.now()
	expires := issued.Add(lifetime)
	if lifetime <= 0 {
		issued = expires.Add(-i.lifetime) // as a real token that is over
	}
	id := sha256.Sum256(fmt.Appendf(nil, "%d/%d/%d", managerID, issued.UnixNano(), expires.UnixNano()))
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer:    i.issuer,
			IssuedAt:  jwt.NewNumericDate(issued),
			ExpiresAt: jwt.NewNumericDate(expires),
			NotBefore: jwt.NewNumericDate(issued),
			ID:        fmt.Sprintf("%d-%x", i.revocations.Load(), id[:8]),
		},
		Subject:  managerID,
		Provider: userProvider,
	})
	signed, err := token.SignedString(i.secret)
	if err != nil {
		panic(fmt.Sprintf("sandbox: sign a token: %v", err)) // HS256 with a byte key cannot fail
	}
	return signed
}

// revoke makes all tokens invalid that were issued until now.
func (i *tokenIssuer) revoke() { i.revocations.Add(1) }

// revoked reports whether the token with an id was revoked. One that this issuer did not
// make, but that is signed with its key, never is.
func (i *tokenIssuer) revoked(id string) bool {
	generation, _, _ := strings.Cut(id, "-")
	number, err := strconv.ParseUint(generation, 10, 64)
	return err == nil && number < i.revocations.Load()
}

// tokenFault is a way a token fails, in the word tymon/jwt-auth has for it; empty for none.
type tokenFault string

const (
	tokenAbsent  tokenFault = "token_absent"
	tokenExpired tokenFault = "token_expired"
	tokenInvalid tokenFault = "token_invalid"
)

// subject verifies a token and returns whose it is, or how it fails.
func (i *tokenIssuer) subject(token string) (int64, tokenFault) {
	if token == "" {
		return 0, tokenAbsent
	}
	var c claims
	_, err := jwt.ParseWithClaims(token, &c,
		func(*jwt.Token) (any, error) { return i.secret, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithExpirationRequired(), jwt.WithTimeFunc(i.now))
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return 0, tokenExpired
	case err != nil, i.revoked(c.ID):
		return 0, tokenInvalid
	default:
		return c.Subject, ""
	}
}
