package sandbox

import "time"

// moscow is the zone of solOS's dates. Moscow has kept UTC+3 since October 2014, so that
// the zone database is not needed.
func moscow() *time.Location { return time.FixedZone("MSK", 3*60*60) }

// moscowDay returns the start of an instant's day in Moscow.
func moscowDay(t time.Time) time.Time {
	year, month, date := t.In(moscow()).Date()
	return time.Date(year, month, date, 0, 0, 0, 0, moscow()).UTC()
}

// sqlDate writes the day of an instant in Moscow.
func sqlDate(t time.Time) string { return t.In(moscow()).Format(time.DateOnly) }

// sqlDateTime writes an instant in Moscow without a zone.
func sqlDateTime(t time.Time) string { return t.In(moscow()).Format(time.DateTime) }
