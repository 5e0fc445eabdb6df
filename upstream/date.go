package upstream

import "time"

// Date is a calendar day without a zone, written YYYY-MM-DD.
type Date string

// ParseDate checks that text is a day of the calendar written YYYY-MM-DD.
func ParseDate(text string) (Date, bool) {
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return "", false
	}
	return Date(text), true
}

// DateOf returns the day it is at t in t's own location.
func DateOf(t time.Time) Date { return Date(t.Format(time.DateOnly)) }
