package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

func TestSecretIsNeverPrinted(t *testing.T) {
	t.Parallel()
	type exported struct{ Key Secret }
	type unexported struct{ key Secret }
	secret := NewSecret("canary")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o"} {
		for _, value := range []any{secret, &secret, exported{secret}, &exported{secret}, []Secret{secret}} {
			if got := fmt.Sprintf(verb, value); !strings.Contains(got, "REDACTED") || leaks(got) {
				t.Errorf("%s of a %T: got %q, want REDACTED in place of the secret", verb, value, got)
			}
		}
		if got := fmt.Sprintf(verb, unexported{secret}); leaks(got) {
			t.Errorf("%s of a field that is not exported: got %q, want it without the secret", verb, got)
		}
	}
}

func TestSecretIsNeverEncoded(t *testing.T) {
	t.Parallel()
	type holder struct{ Key Secret }
	secret := NewSecret("canary")
	asJSON, err := json.Marshal(holder{secret})
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err := yaml.Marshal(holder{secret})
	if err != nil {
		t.Fatal(err)
	}
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("m", "secret", secret)
	for name, got := range map[string]string{"JSON": string(asJSON), "YAML": string(asYAML), "log": logged.String()} {
		if !strings.Contains(got, "REDACTED") || leaks(got) {
			t.Errorf("%s: got %q, want REDACTED in place of the secret", name, got)
		}
	}
}

func leaks(text string) bool {
	return strings.Contains(text, "canary") || strings.Contains(strings.ToLower(text), fmt.Sprintf("%x", "canary"))
}

func TestSecretReveals(t *testing.T) {
	t.Parallel()
	var secret Secret
	if got := secret.String(); got != "" || !secret.IsZero() {
		t.Errorf("a secret that was not given: got %q, zero %t, want an empty one", got, secret.IsZero())
	}
	if err := secret.UnmarshalText([]byte(" text ")); err != nil {
		t.Fatal(err)
	}
	if got, want := secret.Reveal(), " text "; got != want {
		t.Errorf("revealed: got %q, want %q", got, want)
	}
}
