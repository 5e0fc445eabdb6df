package middleware_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/server/middleware"
)

func TestRecoverMasksAPanic(t *testing.T) {
	t.Parallel()
	logger, lines := newLog(t)
	handler := middleware.Chain(
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(errors.New("secret")) }),
		middleware.RequestID, middleware.Recover(logger),
	)
	rec := send(t, handler, http.MethodGet, "/", nil, http.Header{"X-Request-Id": {"abc"}})
	want := answer{
		Status: http.StatusInternalServerError,
		Body: `{"errors":[{"message":"The server failed to answer. The request id tells the operator why.",` +
			`"extensions":{"code":"INTERNAL_SERVER_ERROR","requestId":"abc"}}]}`,
	}
	if diff := cmp.Diff(want, seen(rec)); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	logged := lines()
	if len(logged) != 1 {
		t.Fatalf("log lines: got %d, want 1", len(logged))
	}
	stack, _ := logged[0]["stack"].(string)
	if !strings.Contains(stack, "recover_test.go") {
		t.Errorf("stack: got %q, want it to name this file", stack)
	}
	if all := fmt.Sprint(logged); strings.Contains(all, "secret") {
		t.Errorf("log: got %s, want it without the value of the panic", all)
	}
	delete(logged[0], "stack")
	wantLog := map[string]any{"level": "ERROR", "msg": "panic", "type": "*errors.errorString", "request_id": "abc"}
	if diff := cmp.Diff(wantLog, logged[0]); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}

func TestRecoverCutsABegunAnswerOff(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		handle http.HandlerFunc
		logged int
	}{
		"panic after the first bytes": {
			handle: func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, `{"data":`)
				panic("boom")
			},
			logged: 1,
		},
		"abort that was meant": {
			handle: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
			logged: 0,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logger, lines := newLog(t)
			defer func() {
				value := recover()
				if err, ok := value.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
					t.Errorf("panic that comes out: got %v, want %v", value, http.ErrAbortHandler)
				}
				if got, want := len(lines()), test.logged; got != want {
					t.Errorf("log lines: got %d, want %d", got, want)
				}
			}()
			send(t, middleware.Recover(logger)(test.handle), http.MethodGet, "/", nil, nil)
		})
	}
}
