package main

import (
	"encoding/json"
	"testing"
	"time"
)

// TestText writes texts in other spellings and reads them back.
func TestText(t *testing.T) {
	t.Parallel()
	for _, spelled := range []string{
		`"plain"`, `"Кириллица"`, `""`, `null`,
		`"\"quoted\" \\ \/ \b\f\n\r\t"`,
		`"\u003cb\u003e \u0026 \u0022 \u005c \u000a \u0007"`,
		`"\u041a\u0438\u0440 \ud83d\ude00 end"`,
	} {
		var want, got any
		if err := json.Unmarshal([]byte(spelled), &want); err != nil {
			t.Fatal(err)
		}
		var b buffer
		b.text(value(spelled))
		if err := json.Unmarshal(b, &got); err != nil {
			t.Errorf("%s is written as %s: %v", spelled, b, err)
		}
		if got != want {
			t.Errorf("%s is written as %s, which is %q, want %q", spelled, b, got, want)
		}
	}
}

// TestMoscow compares with the zone as the tables of time zones have it.
func TestMoscow(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Moscow")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"2026-09-01 21:01:11", "2026-09-01 12:00:00", "2026-09-01 03:00:00", "2026-09-01 02:59:59",
		"2026-01-01 00:00:00", "2024-03-01 01:30:00",
	} {
		at, err := time.ParseInLocation(time.DateTime, text, zone)
		if err != nil {
			t.Fatal(err)
		}
		var b buffer
		b.moscow(value(`"` + text + `"`))
		if got, want := string(b), `"`+at.UTC().Format(time.RFC3339)+`"`; got != want {
			t.Errorf("%s in Moscow is written as %s, want %s", text, got, want)
		}
	}
	var b buffer
	b.moscow(value(`"2026-03-01"`))
	if got, want := string(b), `"2026-02-28T21:00:00Z"`; got != want {
		t.Errorf("a day is written as %s, want %s", got, want)
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ sent, int, number string }{
		{`12`, `12`, `"12"`},
		{`"12"`, `12`, `"12"`},
		{`12.0`, `12`, `"12.0"`},
		{`9007199254740993.25`, `9007199254740993`, `"9007199254740993.25"`},
		{`null`, `null`, `null`},
	} {
		var whole, exact buffer
		whole.int(value(tt.sent))
		exact.number(value(tt.sent))
		if string(whole) != tt.int || string(exact) != tt.number {
			t.Errorf("%s is written as %s and %s, want %s and %s", tt.sent, whole, exact, tt.int, tt.number)
		}
	}
}
