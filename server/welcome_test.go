package main

import (
	"net"
	"strings"
	"testing"

	"crmgraph/upstream/sandbox"
)

// What a new user is told to open can be opened, also where the server runs in a container.
func TestWelcome(t *testing.T) {
	t.Parallel()
	crms := startCRMs(t, sandbox.Options{})
	for address, want := range map[string]string{
		"127.0.0.1:8080": "http://127.0.0.1:8080/",
		"[::1]:8080":     "http://[::1]:8080/",
		"0.0.0.0:8080":   "http://localhost:8080/",
		"[::]:8080":      "http://localhost:8080/",
	} {
		listening, err := net.ResolveTCPAddr("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		var told strings.Builder
		if err := welcome(&told, listening, &upstreams{crms: crms}); err != nil {
			t.Fatal(err)
		}
		if got := told.String(); !strings.Contains(got, "Open "+want+" or") || !strings.Contains(got, "curl "+want+"graphql ") {
			t.Errorf("on %s: got\n%s\nwant %s in it", address, got, want)
		}
	}
}
