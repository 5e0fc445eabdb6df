package crm

import (
	"encoding/json"
	"strconv"
	"time"
)

// The CRMs write a whole number as 12, "12" and 12.0. A json.Number takes them all, and
// keeps the digits of amounts of money.

func integer(n json.Number) int64 {
	number, err := strconv.ParseInt(n.String(), 10, 64)
	if err == nil {
		return number
	}
	float, _ := n.Float64()
	return int64(float)
}

func optional(n json.Number) *string {
	if n == "" {
		return nil
	}
	text := n.String()
	return &text
}

func optionalInt(n json.Number) *int32 {
	if n == "" {
		return nil
	}
	number := int32(integer(n))
	return &number
}

func instant(n json.Number) *time.Time {
	if n == "" {
		return nil
	}
	at := time.Unix(integer(n), 0).UTC()
	return &at
}

// time reads a date or a time of solOS.
func (c *Client) time(text *string) (*time.Time, error) {
	if text == nil {
		return nil, nil
	}
	layout := time.DateTime
	if len(*text) == len(time.DateOnly) {
		layout = time.DateOnly
	}
	at, err := time.ParseInLocation(layout, *text, c.Zone)
	if err != nil {
		return nil, err
	}
	at = at.UTC()
	return &at, nil
}
