package main

import (
	"net/http"
	"strings"
	"testing"
)

// TestPagesMaySendWhatLoginPassesOn: a browser asks before it sends a header of the installation's own.
func TestPagesMaySendWhatLoginPassesOn(t *testing.T) {
	t.Parallel()
	i := startForTest(t, nil, "--browser-origins=https://app.example.com", "--proportal-login-headers=Authorization,X-Sso-Ticket")
	got, header := do(t, http.MethodOptions, i.url+"/graphql", "", http.Header{
		"Origin": {"https://app.example.com"}, "Access-Control-Request-Method": {"POST"}, "Access-Control-Request-Headers": {"content-type,x-sso-ticket"},
	})
	names := strings.Split(header.Get("Access-Control-Allow-Headers"), ", ")
	count := func(name string) (n int) {
		for _, each := range names {
			if each == name {
				n++
			}
		}
		return n
	}
	if got.Status != http.StatusNoContent || count("X-Sso-Ticket") != 1 || count("Authorization") != 1 {
		t.Errorf("got status %d for %v, want 204 for X-Sso-Ticket and Authorization, once each", got.Status, names)
	}
}
