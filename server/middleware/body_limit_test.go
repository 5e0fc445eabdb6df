package middleware_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
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
		Body:   `{"errors":[{"message":"The request body is too large.","extensions":{"code":"BODY_TOO_LARGE","limit":8,"value":9}}]}`,
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

// come is a body all of which has come.
type come struct{ *strings.Reader }

func (come) Close() error { return nil }

// TestBodyThatHasCome: nobody waits for it or copies it, and it is limited like any other.
func TestBodyThatHasCome(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]int{"1234": http.StatusOK, "12345678": http.StatusOK, "123456789": http.StatusRequestEntityTooLarge} {
		body := come{strings.NewReader(sent)}
		handler := middleware.Chain(
			http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if r.Body != body {
					t.Errorf("%s: got another body, want that of the request", sent)
				}
			}),
			middleware.BodyDeadline(middleware.BodyDeadlineOptions{}),
			middleware.BodyLimit(8),
		)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(sent))
		r.Body = body
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if got := w.Code; got != want {
			t.Errorf("%s: got status %d, want %d", sent, got, want)
		}
	}
}

// TestBodyLimitPassesNoPartOfABody: a client that announces more than it sends is refused.
func TestBodyLimitPassesNoPartOfABody(t *testing.T) {
	t.Parallel()
	for _, sent := range []string{"", "1234"} {
		handler := middleware.BodyLimit(100)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			t.Errorf("sent %q of 10 bytes: passed on, want it refused", sent)
		}))
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(sent))
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(sent)), 10
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if got, want := w.Code, http.StatusBadRequest; got != want {
			t.Errorf("sent %q of 10 bytes: got status %d, want %d", sent, got, want)
		}
	}
}

// TestBodyLimitLeavesAGoneClientNoticed: net/http looks out for the end of a connection
// only once the body is read to its end.
func TestBodyLimitLeavesAGoneClientNoticed(t *testing.T) {
	t.Parallel()
	arrived, noticed := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(middleware.BodyLimit(100)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
		close(noticed)
	})))
	t.Cleanup(server.Close)
	ctx, leave := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, strings.NewReader("1234"))
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		<-arrived
		leave()
	}()
	if resp, err := http.DefaultClient.Do(req); err == nil {
		t.Errorf("got status %d, want no answer", resp.StatusCode)
		_ = resp.Body.Close()
	}
	<-noticed
}
