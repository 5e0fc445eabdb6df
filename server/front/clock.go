package front

import (
	"net/http"
	"sync/atomic"
	"time"
)

// clock writes dates, each second's once.
type clock struct{ last atomic.Pointer[second] }

type second struct {
	unix int64
	date string
}

// date returns the time as the Date of an answer.
func (c *clock) date(now time.Time) string {
	last := c.last.Load()
	if last == nil || last.unix != now.Unix() {
		last = &second{now.Unix(), now.UTC().Format(http.TimeFormat)}
		c.last.Store(last)
	}
	return last.date
}
