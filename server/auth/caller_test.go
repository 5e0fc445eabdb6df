package auth_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"crmgraph/graph"
	"crmgraph/server/auth"
	"crmgraph/upstream"
)

func TestLoginHeader(t *testing.T) {
	t.Parallel()
	sent := http.Header{
		"Authorization":   {"Basic Mjp4"},
		"X-Remote-User":   {"ivanov", "petrov"},
		"X-Forwarded-For": {"10.0.0.1"},
		"Cookie":          {"sso=a1; tracking=t; other=\"quoted value\"", "sso=b2", `list=a,b c; json={"a":"\\"}`, "person=Иванов;padded=YQ== "},
	}
	tests := []struct {
		name string
		opts auth.CallerOptions
		want http.Header
	}{
		{"nothing listed", auth.CallerOptions{}, http.Header{}},
		{
			"headers, in any case, with all their values",
			auth.CallerOptions{LoginHeaders: []string{"authorization", "X-Remote-User", "X-Absent"}},
			http.Header{"Authorization": {"Basic Mjp4"}, "X-Remote-User": {"ivanov", "petrov"}},
		},
		{
			"cookies, by their exact names",
			auth.CallerOptions{LoginCookies: []string{"sso", "other", "Tracking"}},
			http.Header{"Cookie": {`sso=a1; other="quoted value"; sso=b2`}},
		},
		{
			"cookies as they were sent",
			auth.CallerOptions{LoginCookies: []string{"list", "json", "person", "padded"}},
			http.Header{"Cookie": {`list=a,b c; json={"a":"\\"}; person=Иванов; padded=YQ==`}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, auth.NewCallers(newLocal(t), test.opts).Of(sent).LoginHeader()); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
		})
	}
}

// verifierFunc is a Verifier.
type verifierFunc func(ctx context.Context, token string) (*graph.Viewer, error)

func (f verifierFunc) Verify(ctx context.Context, token string) (*graph.Viewer, error) {
	return f(ctx, token)
}

func (f verifierFunc) Admit(ctx context.Context, token string) (*graph.Viewer, error) {
	return f(ctx, token)
}

func TestAuthenticate(t *testing.T) {
	t.Parallel()
	manager := &graph.Viewer{ID: "2", Token: "good", ExpiresAt: now()}
	verifier := verifierFunc(func(_ context.Context, token string) (*graph.Viewer, error) {
		if token == "good" {
			return manager, nil
		}
		return nil, unavailable()
	})
	tests := []struct {
		name     string
		header   http.Header
		want     *graph.Viewer
		err      error
		verified []string
	}{
		{"accepted", http.Header{"Authorization": {"Bearer good"}}, manager, nil, []string{"2"}},
		{"no header", http.Header{}, nil, upstream.Unauthenticated, nil},
		{"nobody can tell", http.Header{"Authorization": {"Bearer bad"}}, nil, upstream.Unavailable, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var verified []string
			callers := auth.NewCallers(verifier, auth.CallerOptions{
				Verified: func(_ context.Context, viewer *graph.Viewer) { verified = append(verified, viewer.ID) },
			})
			caller := callers.Of(test.header)
			got, err := caller.Authenticate(t.Context())
			if !errors.Is(err, test.err) {
				t.Errorf("error: got %v, want %v", err, test.err)
			}
			if diff := cmp.Diff(test.want, got, cmpopts.IgnoreUnexported(graph.Viewer{})); diff != "" {
				t.Errorf("viewer (-want +got):\n%s", diff)
			}
			if admitted, err := caller.Admit(t.Context(), "good"); admitted != manager || err != nil {
				t.Errorf("admitted: got %v, %v, want %v", admitted, err, manager)
			}
			if diff := cmp.Diff(test.verified, verified); diff != "" {
				t.Errorf("told of viewers (-want +got):\n%s", diff)
			}
		})
	}
}
