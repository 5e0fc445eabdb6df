package main

import (
	"fmt"
	"log/slog"
)

// redacted is what a secret looks like wherever it is printed.
const redacted = "REDACTED"

// Secret is a text that no way of printing shows; Reveal is the only way to it. The
// zero value is a secret that was not given.
type Secret struct {
	// A pointer, since fmt prints a field that is not exported without asking its type.
	text *string
}

// NewSecret returns the secret that holds text; the empty text is one that was not given.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{&text}
}

// Reveal returns the text itself, for handing it to whoever needs it.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero reports whether the secret was not given; it is left out of printed configuration then.
func (s Secret) IsZero() bool { return s.text == nil }

// String returns REDACTED, or "" for a secret that was not given.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return redacted
}

// GoString is String, for %#v.
func (s Secret) GoString() string { return s.String() }

// Format is String, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) {
	// A formatter has no way to report a failed write; fmt does not either.
	_, _ = f.Write([]byte(s.String()))
}

// MarshalText is String, for JSON, YAML and other encoders.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue is String, for slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// UnmarshalText takes the text as it is.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}
