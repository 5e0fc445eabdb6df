package shared

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/rueidis"
)

// allowanceScript takes from an allowance by the generic cell rate algorithm, and by the clock
// of Redis: under KEYS[1] is when it is whole again. All times are whole microseconds.
//
//	ARGV: cost, limit, window, 1 to take even what is not there
//
// It answers whether there was enough, until when the allowance is whole, and until when there
// is enough. What lies there and cannot be one of its times counts as nothing.
const allowanceScript = `
local cost, limit, window, owe = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == "1"
local clock = redis.call("TIME")
local now = clock[1] * 1000000 + clock[2]
local unit = math.floor(window / limit)
local used = 0
local stored = redis.pcall("GET", KEYS[1])
if type(stored) == "string" then
	local whole = tonumber(stored)
	if whole and whole > now and whole <= now + 2 * window then used = whole - now end
end
local after = used + cost * unit
local lacking = math.max(after, used + unit) - window
if owe then
	after = math.min(after, 2 * window)
elseif lacking > 0 then
	return {0, used, lacking}
end
if cost > 0 then
	redis.call("SET", KEYS[1], string.format("%.0f", now + after), "PX", math.ceil(after / 1000))
end
return {1, after, 0}
`

// Take takes cost of the allowance of name, of limit units in a window that come back evenly,
// if there is as much; a cost of 0 only looks whether anything is. Left is negative for a debt.
// Reset is when all of it is back or, if there was too little, when there is enough. It is not
// told while Redis cannot tell.
func (s *Shared) Take(ctx context.Context, name string, cost, limit int, window time.Duration) (left int, reset time.Duration, ok, told bool) {
	result, told := s.spend(ctx, name, cost, limit, window, false)
	if !told {
		return 0, 0, false, false
	}
	answer, err := result.AsIntSlice()
	if err != nil || len(answer) != 3 {
		return 0, 0, false, false
	}
	used, lacking := time.Duration(answer[1])*time.Microsecond, time.Duration(answer[2])*time.Microsecond
	unit := (window / time.Duration(limit)).Truncate(time.Microsecond)
	left = int((window - used) / unit)
	if used > window {
		left = -int((used - window + unit - 1) / unit)
	}
	if answer[0] == 0 {
		return left, lacking, false, true
	}
	return left, used, true, true
}

// Charge takes cost even if less is left; the debt grows no larger than limit. While Redis
// cannot be told, nothing is taken.
func (s *Shared) Charge(ctx context.Context, name string, cost, limit int, window time.Duration) {
	s.spend(ctx, name, cost, limit, window, true)
}

func (s *Shared) spend(ctx context.Context, name string, cost, limit int, window time.Duration, owe bool) (rueidis.RedisResult, bool) {
	args := []string{
		strconv.Itoa(cost), strconv.Itoa(limit), strconv.FormatInt(window.Microseconds(), 10), "0",
	}
	if owe {
		args[3] = "1"
	}
	return s.do(ctx, writing, func(b rueidis.Builder) rueidis.Completed {
		return b.Eval().Script(allowanceScript).Numkeys(1).Key(s.names.allowance(name)).Arg(args...).Build()
	})
}

func (n names) allowance(name string) string {
	return n.prefix + "allowance:" + n.hash("allowance", name)
}
