package auth_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"hash"
	"testing"
	"time"
)

const secret = "a signing key of at least 32 bytes"

// now is the moment of all tests, and hour what a token of ProPortal's lasts.
func now() time.Time { return time.Unix(1_800_000_000, 0) }

const hour = 3600

// claimsWith returns the claims of a token as ProPortal makes them, with sub as written.
func claimsWith(sub string) string {
	at := now().Unix()
	return fmt.Sprintf(`{"iss":"https://proportal:81/auth/login","iat":%d,"exp":%d,"nbf":%d,"jti":"WP8zac2io6unhgAq","sub":%s,"prv":"23bd"}`,
		at, at+hour, at, sub)
}

// times returns claims of manager 2 with these times, in seconds from now.
func times(iat, nbf, exp int64) string {
	at := now().Unix()
	return fmt.Sprintf(`{"iat":%d,"nbf":%d,"exp":%d,"sub":2}`, at+iat, at+nbf, at+exp)
}

// The tests build tokens by hand, so that they do not agree with the library by definition.

func encode(part []byte) string { return base64.RawURLEncoding.EncodeToString(part) }

func unsigned(header, claims string) string {
	return encode([]byte(header)) + "." + encode([]byte(claims))
}

func signHMAC(newHash func() hash.Hash, key, header, claims string) string {
	mac := hmac.New(newHash, []byte(key))
	text := unsigned(header, claims)
	mac.Write([]byte(text))
	return text + "." + encode(mac.Sum(nil))
}

// hs256 returns a token signed as ProPortal signs.
func hs256(claims string) string {
	return signHMAC(sha256.New, secret, `{"typ":"JWT","alg":"HS256"}`, claims)
}

func hs512(claims string) string {
	return signHMAC(sha512.New, secret, `{"typ":"JWT","alg":"HS512"}`, claims)
}

// rs256 returns a token signed with a key of its own, and that key's public half as PEM.
func rs256(t *testing.T, claims string) (token, publicKey string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	text := unsigned(`{"typ":"JWT","alg":"RS256"}`, claims)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + encode(signature), string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}
