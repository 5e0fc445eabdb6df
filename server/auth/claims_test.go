package auth_test

import (
	"errors"
	"testing"

	"crmgraph/server/auth"
	"crmgraph/upstream"
)

// TestClaimsHaveExactNames: issuers add claims of their own, some of which people choose.
func TestClaimsHaveExactNames(t *testing.T) {
	t.Parallel()
	es := ecdsaSigner()
	i := new(issuer)
	i.publish(es.published("es"))
	j := newJWKS(t, i)
	local := newLocal(t)
	tests := []struct {
		name     string
		verifier auth.Verifier
		token    string
		id       string // "" where it is refused
	}{
		{"another subject", j, es.token("es", issued("SUB", `"manager-8"`)), "manager-7"},
		{"another audience", j, es.token("es", issued("aud", `"other"`, "Aud", `"crmgraph"`)), ""},
		{"another issuer", j, es.token("es", issued("iss", `"https://other.example"`, "ISS", `"`+issuerName+`"`)), ""},
		{"another expiry", j, es.token("es", issued("exp", `1`, "EXP", `1800003600`)), ""},
		{"another subject of ProPortal's", local, hs256(`{"exp":1800003600,"sub":2,"Sub":3}`), "2"},
		{"another expiry of ProPortal's", local, hs256(`{"exp":1,"sub":2,"Exp":1800003600}`), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			viewer, err := test.verifier.Verify(t.Context(), test.token)
			switch {
			case test.id == "":
				if !errors.Is(err, upstream.Unauthenticated) {
					t.Errorf("got %v, %v, want %v", viewer, err, upstream.Unauthenticated)
				}
			case err != nil || viewer.ID != test.id:
				t.Errorf("got %v, %v, want viewer %s", viewer, err, test.id)
			}
		})
	}
}
