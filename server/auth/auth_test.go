package auth_test

import (
	"errors"
	"net/http"
	"testing"

	"crmgraph/server/auth"
	"crmgraph/upstream"
)

func TestBearer(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		header http.Header
		want   string
		err    error
	}{
		{"as documented", http.Header{"Authorization": {"Bearer abc"}}, "abc", nil},
		{"scheme in lower case", http.Header{"Authorization": {"bearer abc"}}, "abc", nil},
		{"scheme in upper case, two blanks", http.Header{"Authorization": {"BEARER  abc "}}, "abc", nil},
		{"no header", http.Header{}, "", upstream.Unauthenticated},
		{"empty header", http.Header{"Authorization": {""}}, "", upstream.Unauthenticated},
		{"no token", http.Header{"Authorization": {"Bearer "}}, "", upstream.Unauthenticated},
		{"token without scheme", http.Header{"Authorization": {"abc"}}, "", upstream.Unauthenticated},
		{"another scheme", http.Header{"Authorization": {"Basic Mjp4"}}, "", upstream.Unauthenticated},
		{"a space that is none of a header", http.Header{"Authorization": {"\u00a0Bearer abc"}}, "", upstream.Unauthenticated},
		{"two headers", http.Header{"Authorization": {"Bearer abc", "Bearer abc"}}, "", upstream.Unauthenticated},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := auth.Bearer(test.header)
			if got != test.want || !errors.Is(err, test.err) {
				t.Errorf("got %q, %v, want %q, %v", got, err, test.want, test.err)
			}
		})
	}
}
