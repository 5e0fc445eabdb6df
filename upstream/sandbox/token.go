package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// tokenLifetime is how long ProPortal's tokens live.
const tokenLifetime = time.Hour

// userProvider is the hash of the PHP class behind the subject, as the reference's own token has it.
const userProvider = "23bd5c8949f600adb39e701c400872db7a5976f7"

// claims is what tymon/jwt-auth puts into a token. Subject is a number there.
type claims struct {
	jwt.RegisteredClaims
	Subject  int64  `json:"sub"`
	Provider string `json:"prv"`
}

// tokenIssuer makes and reads ProPortal's tokens, in real time.
type tokenIssuer struct {
	secret []byte
	issuer string
}

func (i tokenIssuer) issue(managerID int64, lifetime time.Duration) string {
	issued := time.Now()
	expires := issued.Add(lifetime)
	if lifetime <= 0 {
		issued = expires.Add(-tokenLifetime) // as a real token that is over
	}
	id := sha256.Sum256(fmt.Appendf(nil, "%d/%d/%d", managerID, issued.UnixNano(), expires.UnixNano()))
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer:    i.issuer,
			IssuedAt:  jwt.NewNumericDate(issued),
			ExpiresAt: jwt.NewNumericDate(expires),
			NotBefore: jwt.NewNumericDate(issued),
			ID:        hex.EncodeToString(id[:8]),
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

// tokenFault is a way a token fails, in the word tymon/jwt-auth has for it; empty for none.
type tokenFault string

const (
	tokenAbsent  tokenFault = "token_absent"
	tokenExpired tokenFault = "token_expired"
	tokenInvalid tokenFault = "token_invalid"
)

// subject verifies a token and returns whose it is, or how it fails.
func (i tokenIssuer) subject(token string) (int64, tokenFault) {
	if token == "" {
		return 0, tokenAbsent
	}
	var c claims
	_, err := jwt.ParseWithClaims(token, &c,
		func(*jwt.Token) (any, error) { return i.secret, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithExpirationRequired())
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return 0, tokenExpired
	case err != nil:
		return 0, tokenInvalid
	default:
		return c.Subject, ""
	}
}
