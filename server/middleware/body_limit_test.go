package middleware_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"crmgraph/server/middleware"
)

func TestBodyLimit(t *testing.T) {
	t.Parallel()
	const limit = 8
	tooLarge := answer{
		Status: http.StatusRequestEntityTooLarge,
		Body:   `{"errors":[{"message":"The request body is too large.","extensions":{"code":"BAD_USER_INPUT"}}]}`,
	}
	tests := []struct {
		name string
		body io.Reader
		want answer
	}{
		{"no body", nil, answer{http.StatusOK, ""}},
		{"at the limit", strings.NewReader("12345678"), answer{http.StatusOK, "12345678"}},
		{"announced too large", strings.NewReader("123456789"), tooLarge},
		// Hiding the reader's type hides its length, as a chunked request does.
		{"found too large", io.MultiReader(strings.NewReader("123456789")), tooLarge},
		{"length unknown", io.MultiReader(strings.NewReader("1234")), answer{http.StatusOK, "1234"}},
		{
			"broken off", iotest.ErrReader(errors.New("connection reset")),
			answer{http.StatusBadRequest, `{"errors":[{"message":"The request body could not be read.","extensions":{"code":"BAD_USER_INPUT"}}]}`},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			handler := middleware.BodyLimit(limit)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if _, err := io.Copy(w, r.Body); err != nil {
					t.Error(err)
				}
			}))
			rec := send(t, handler, http.MethodPost, "/", test.body, nil)
			if diff := cmp.Diff(test.want, seen(rec)); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}
