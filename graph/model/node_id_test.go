package model_test

import (
	"encoding/base64"
	"errors"
	"testing"

	"crmgraph/graph/model"
)

func TestNodeIDRoundTrip(t *testing.T) {
	t.Parallel()
	tests := map[string]model.NodeID{
		"Customer:4007195":   {Type: model.CustomerNode, Number: 4007195},
		"Project:5000000001": {Type: model.ProjectNode, Number: 5000000001},
		"Step:17:345":        {Type: model.StepNode, Project: 17, Number: 345},
		"Payment:1:18446744073709551615": {
			Type: model.PaymentNode, Project: 1, Number: 18446744073709551615,
		},
	}
	for plain, id := range tests {
		text := base64.RawURLEncoding.EncodeToString([]byte(plain))
		if got := id.String(); got != text {
			t.Errorf("%+v: got %q, want %q", id, got, text)
		}
		if got, err := model.ParseNodeID(text); err != nil || got != id {
			t.Errorf("ParseNodeID(%q): got %+v, %v, want %+v", text, got, err, id)
		}
	}
}

func TestParseIDTakesNodeIDsAndNumbers(t *testing.T) {
	t.Parallel()
	node := func(plain string) string { return base64.RawURLEncoding.EncodeToString([]byte(plain)) }
	tests := []struct {
		text string
		want uint64 // 0: refused
	}{
		{"4007195", 4007195},
		{node("Customer:4007195"), 4007195},
		{node("Task:4007195"), 0},
		{node("Customer:04007195"), 0},
		{node("Customer:0"), 0},
		{node("Customer:-1"), 0},
		{node("Customer:1:2"), 0},
		{node("Customer:"), 0},
		{node("Customer:9223372036854775808"), 0}, // ProPortal's numbers are signed
		{node("Nobody:1"), 0},
		{node("Customer:1") + "=", 0},
		{"0", 0},
		{"007", 0},
		{"-1", 0},
		{"+1", 0},
		{"1.0", 0},
		{"99999999999999999999", 0},
		{"", 0},
		{"../../etc/passwd", 0},
		{"4007195/tasks", 0},
	}
	for _, test := range tests {
		got, err := model.ParseID(model.CustomerNode, test.text)
		if got != test.want || (err != nil) != (test.want == 0) {
			t.Errorf("ParseID(%q): got %d, %v, want %d", test.text, got, err, test.want)
		}
		if input := model.InputError(""); err != nil && !errors.As(err, &input) {
			t.Errorf("ParseID(%q): %v is not an InputError", test.text, err)
		}
	}
}

func FuzzParseNodeID(f *testing.F) {
	for _, plain := range []string{"Customer:1", "Step:1:2", "Project:18446744073709551615", "x", ":"} {
		f.Add(base64.RawURLEncoding.EncodeToString([]byte(plain)))
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, err := model.ParseNodeID(text)
		if err != nil {
			return
		}
		if got := id.String(); got != text {
			t.Errorf("%q was read as %+v, which is written %q", text, id, got)
		}
	})
}
