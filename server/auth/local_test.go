package auth_test

import (
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"crmgraph/graph"
	"crmgraph/server/auth"
	"crmgraph/upstream"
)

func newLocal(t *testing.T) *auth.Local {
	t.Helper()
	local, err := auth.NewLocal([]byte(secret), now)
	if err != nil {
		t.Fatal(err)
	}
	return local
}

func TestLocalAccepts(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 5000)
	tests := []struct {
		name  string
		token string
		id    string
	}{
		{"sub as ProPortal sends it, a number", hs256(claimsWith(`2`)), "2"},
		{"sub as text", hs256(claimsWith(`"2"`)), "2"},
		{"sub that a float would round", hs256(claimsWith(`9007199254740993`)), "9007199254740993"},
		{"sub beyond 64 bits", hs256(claimsWith(`36893488147419103233`)), "36893488147419103233"},
		{"sub that is a name", hs256(claimsWith(`"иванов"`)), "иванов"},
		{"expired within the leeway", hs256(times(-hour, -hour, -29)), "2"},
		{"not before within the leeway", hs256(times(0, 29, hour)), "2"},
		{"issued within the leeway", hs256(times(29, 0, hour)), "2"},
		{"only what is needed", hs256(`{"exp":1800003600,"sub":2}`), "2"},
		{"long, but below the limit", hs256(`{"exp":1800003600,"sub":2,"x":"` + long + `"}`), "2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			viewer, err := newLocal(t).Verify(t.Context(), test.token)
			if err != nil {
				t.Fatalf("got error %v, want none", err)
			}
			if got := viewer.ID; got != test.id {
				t.Errorf("id: got %q, want %q", got, test.id)
			}
		})
	}
}

func TestLocalReturnsTheWholeViewer(t *testing.T) {
	t.Parallel()
	token := hs256(claimsWith(`2`))
	got, err := newLocal(t).Verify(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	want := &graph.Viewer{ID: "2", Token: token, ExpiresAt: now().UTC().Add(hour * 1e9)}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(graph.Viewer{})); diff != "" {
		t.Errorf("viewer (-want +got):\n%s", diff)
	}
}

func TestLocalRefuses(t *testing.T) {
	t.Parallel()
	good := hs256(claimsWith(`2`))
	rs, _ := rs256(t, claimsWith(`2`))
	header, rest, _ := strings.Cut(good, ".")
	tests := map[string]string{
		"nothing":                     "",
		"no token":                    "abc",
		"two parts":                   unsigned(`{"alg":"HS256"}`, claimsWith(`2`)),
		"four parts":                  good + ".x",
		"alg none, no signature":      unsigned(`{"typ":"JWT","alg":"none"}`, claimsWith(`2`)) + ".",
		"alg None, no signature":      unsigned(`{"typ":"JWT","alg":"None"}`, claimsWith(`2`)) + ".",
		"alg none, good signature":    encode([]byte(`{"typ":"JWT","alg":"none"}`)) + "." + rest,
		"no alg":                      signHMAC(sha256.New, secret, `{"typ":"JWT"}`, claimsWith(`2`)),
		"HS512 with the right key":    hs512(claimsWith(`2`)),
		"RS256":                       rs,
		"no signature":                good[:strings.LastIndex(good, ".")+1],
		"wrong key":                   signHMAC(sha256.New, "another key", `{"typ":"JWT","alg":"HS256"}`, claimsWith(`2`)),
		"empty key":                   signHMAC(sha256.New, "", `{"typ":"JWT","alg":"HS256"}`, claimsWith(`2`)),
		"claims of another token":     header + "." + encode([]byte(claimsWith(`3`))) + good[strings.LastIndex(good, "."):],
		"claims that are no JSON":     hs256(`{"sub":2`),
		"claims that are a list":      hs256(`[2]`),
		"no exp":                      hs256(`{"sub":2}`),
		"exp null":                    hs256(`{"sub":2,"exp":null}`),
		"exp no number":               hs256(`{"sub":2,"exp":"tomorrow"}`),
		"exp after the year 9999":     hs256(`{"sub":2,"exp":253402300800}`),
		"exp without end":             hs256(`{"sub":2,"exp":1e300}`),
		"expired":                     hs256(times(-2*hour, -2*hour, -31)),
		"not valid yet":               hs256(times(0, 31, hour)),
		"issued in the future":        hs256(times(31, 0, hour)),
		"no sub":                      hs256(`{"exp":1800003600}`),
		"empty sub":                   hs256(claimsWith(`""`)),
		"blank sub":                   hs256(claimsWith(`"  "`)),
		"sub null":                    hs256(claimsWith(`null`)),
		"sub true":                    hs256(claimsWith(`true`)),
		"sub a fraction":              hs256(claimsWith(`2.5`)),
		"sub negative":                hs256(claimsWith(`-2`)),
		"sub with an exponent":        hs256(claimsWith(`2e3`)),
		"sub a list":                  hs256(claimsWith(`[2]`)),
		"sub an object":               hs256(claimsWith(`{"id":2}`)),
		"over 8 KiB":                  hs256(`{"exp":1800003600,"sub":2,"x":"` + strings.Repeat("x", 8<<10) + `"}`),
		"a line break at the end":     good + "\n",
		"a header that is a list":     encode([]byte(`["HS256"]`)) + "." + rest,
		"padding":                     strings.Replace(good, ".", "=.", 1),
		"the alphabet of a URL mixed": strings.Repeat("+/", 20) + "." + rest,
	}
	for name, token := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			viewer, err := newLocal(t).Verify(t.Context(), token)
			if viewer != nil || !errors.Is(err, upstream.Unauthenticated) {
				t.Errorf("got %v, %v, want no viewer, %v", viewer, err, upstream.Unauthenticated)
			}
		})
	}
}

// TestLocalIsNotTalkedIntoAnotherMethod: where the key is the PEM of an RSA key, the
// public half of which everybody knows, neither RS256 nor a swapped HS256 may pass that
// was not signed with the very text.
func TestLocalIsNotTalkedIntoAnotherMethod(t *testing.T) {
	t.Parallel()
	token, publicKey := rs256(t, claimsWith(`2`))
	byPublicKey, err := auth.NewLocal([]byte(publicKey), now)
	if err != nil {
		t.Fatal(err)
	}
	if viewer, err := byPublicKey.Verify(t.Context(), token); !errors.Is(err, upstream.Unauthenticated) {
		t.Errorf("RS256 token, its public key as HMAC key: got %v, %v, want %v", viewer, err, upstream.Unauthenticated)
	}
	swapped := signHMAC(sha256.New, publicKey, `{"typ":"JWT","alg":"HS256"}`, claimsWith(`2`))
	if viewer, err := newLocal(t).Verify(t.Context(), swapped); !errors.Is(err, upstream.Unauthenticated) {
		t.Errorf("HS256 token made with a public key: got %v, %v, want %v", viewer, err, upstream.Unauthenticated)
	}
}

// TestLocalErrorsHoldNothingOfTheToken: they go to the log.
func TestLocalErrorsHoldNothingOfTheToken(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"canary.canary.canary", "canary", hs256(`{"exp":"canary"}`), hs256(claimsWith(`["canary"]`))} {
		_, err := newLocal(t).Verify(t.Context(), token)
		if err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("token %s: got error %v, want one without any of it", token, err)
		}
	}
}

func TestNewLocalRefusesAnEmptyKey(t *testing.T) {
	t.Parallel()
	if _, err := auth.NewLocal(nil, nil); err == nil {
		t.Error("got no error, want one")
	}
}

// TestLocalKnowsTokensUntilTheyEnd verifies one token again and again while time passes.
func TestLocalKnowsTokensUntilTheyEnd(t *testing.T) {
	t.Parallel()
	var passed time.Duration
	local, err := auth.NewLocal([]byte(secret), func() time.Time { return now().Add(passed) })
	if err != nil {
		t.Fatal(err)
	}
	token := hs256(times(0, 0, hour))
	for _, step := range []struct {
		passed   time.Duration
		accepted bool
	}{
		{0, true},
		{time.Hour - time.Second, true},
		{time.Hour + 29*time.Second, true}, // within the leeway
		{time.Hour + 30*time.Second, false},
		{24 * time.Hour, false},
	} {
		passed = step.passed
		viewer, err := local.Verify(t.Context(), token)
		switch {
		case step.accepted && (err != nil || viewer.ID != "2" || viewer.Token != token):
			t.Errorf("after %v: got viewer %v and error %v, want viewer 2", step.passed, viewer, err)
		case !step.accepted && !errors.Is(err, upstream.Unauthenticated):
			t.Errorf("after %v: got viewer %v and error %v, want %v", step.passed, viewer, err, upstream.Unauthenticated)
		}
	}
	// A token that differs in its signature alone is another one.
	passed = 0
	forged := token[:len(token)-2] + "AA"
	if _, err := local.Verify(t.Context(), forged); !errors.Is(err, upstream.Unauthenticated) {
		t.Errorf("a forged token beside a known one: got error %v, want %v", err, upstream.Unauthenticated)
	}
}

// TestLocalKeepsNothingButTheToken: it may be part of the head of a request, all of which would be
// kept for as long.
func TestLocalKeepsNothingButTheToken(t *testing.T) {
	t.Parallel()
	head := "Authorization: Bearer " + hs256(claimsWith(`2`)) + "\r\nX-Padding: " + strings.Repeat("x", 16<<10)
	_, rest, _ := strings.Cut(head, "Bearer ")
	token, _, _ := strings.Cut(rest, "\r\n")
	viewer, err := newLocal(t).Verify(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	if viewer.Token != token || unsafe.StringData(viewer.Token) == unsafe.StringData(token) {
		t.Error("the viewer's token is part of the head that it came in, want a copy")
	}
}
