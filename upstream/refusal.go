package upstream

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"time"
)

// errorPrefix is how much of a refusal's body Classify may see.
const errorPrefix = 4 << 10

func (c *Caller) refused(req *Request, resp *http.Response) error {
	classify := req.Classify
	if classify == nil {
		classify = func(status int, _ []byte) Kind { return KindOfStatus(status) }
	}
	// Reading to the end of a short answer lets its connection be used again.
	prefix, err := io.ReadAll(io.LimitReader(resp.Body, errorPrefix))
	if err != nil {
		prefix = nil
	}
	return &Error{
		Call:       *req.Call,
		Kind:       classify(resp.StatusCode, bytes.TrimPrefix(prefix, byteOrderMark)),
		Status:     resp.StatusCode,
		RetryAfter: retryAfter(resp.Header, time.Now()),
	}
}

// KindOfStatus is the Kind that an HTTP status outside 2xx means by itself.
func KindOfStatus(status int) Kind {
	switch {
	case status == http.StatusUnauthorized:
		return Unauthenticated
	case status == http.StatusForbidden:
		return Forbidden
	case status == http.StatusNotFound, status == http.StatusGone:
		return NotFound
	case status == http.StatusRequestTimeout:
		return Timeout
	case status == http.StatusTooManyRequests:
		return RateLimited
	case status >= 500:
		return Unavailable
	case status >= 400:
		return Invalid
	default:
		return Malformed
	}
}

// maxRetryAfter bounds what an upstream may ask for; more seconds than fit a Duration
// would come out negative.
const maxRetryAfter = 24 * time.Hour

// retryAfter reads both forms of the header: seconds and an HTTP date. That is by the upstream's
// clock, as the Date of the answer is, and now only stands in for that.
func retryAfter(header http.Header, now time.Time) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil {
		return time.Duration(min(seconds, uint64(maxRetryAfter/time.Second))) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		now = date
	}
	return min(max(0, at.Sub(now)), maxRetryAfter)
}
