package ratelimit

import (
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"crmgraph/server/middleware"
)

// ExceededError is the error of a request or an operation beyond a limit.
type ExceededError struct {
	Limit int           // of the window
	Used  int           // what would have been used of it
	Retry time.Duration // until there is enough again
}

const sentence = "Too much was asked for in a short time; try again when Retry-After says."

func (*ExceededError) Error() string { return sentence }

// GraphQL returns the error in the form of a GraphQL response.
func (e *ExceededError) GraphQL() *gqlerror.Error {
	return &gqlerror.Error{Err: e, Message: sentence, Extensions: e.extensions()}
}

func (e *ExceededError) extensions() map[string]any {
	return map[string]any{
		"code":  middleware.CodeRateLimitExceeded,
		"limit": e.Limit,
		"value": e.Used,
		// Seconds, as in other errors: a WebSocket has no header.
		"retryAfter": int((e.Retry + time.Second - 1) / time.Second),
	}
}
