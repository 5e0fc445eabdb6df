package auth

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"crmgraph/graph"
	"crmgraph/server/middleware"
)

// FreshnessHeader asks for extensions.freshness; its value does not matter.
const FreshnessHeader = "X-Crmgraph-Freshness"

// maxSeconds bounds a directive, so that no Duration overflows: a year.
const maxSeconds = 365 * 24 * 60 * 60

// freshness returns how fresh answers have to be by the Cache-Control of a request. A
// directive that is not known or cannot be read is left out, as HTTP has it.
func freshness(header http.Header) graph.Terms {
	terms := graph.Terms{Report: middleware.First(header, FreshnessHeader) != ""}
	lines := header["Cache-Control"]
	if len(lines) == 0 {
		terms.NoCache = strings.EqualFold(middleware.First(header, "Pragma"), "no-cache")
		return terms
	}
	for _, line := range lines {
		for directive := range strings.SplitSeq(line, ",") {
			name, value, given := strings.Cut(strings.TrimSpace(directive), "=")
			switch strings.ToLower(name) {
			case "no-cache":
				terms.NoCache = true
			case "no-store":
				terms.NoStore = true
			case "only-if-cached":
				terms.OnlyIfCached = true
			case "max-age":
				terms.MaxAge = seconds(value)
			case "max-stale":
				if terms.MaxStale = seconds(value); !given {
					terms.MaxStale = seconds(strconv.Itoa(maxSeconds))
				}
			}
		}
	}
	return terms
}

// seconds reads the value of a directive, nil if it is none.
func seconds(text string) *time.Duration {
	n, err := strconv.ParseUint(strings.Trim(text, `"`), 10, 63)
	if err != nil {
		return nil
	}
	duration := time.Duration(min(n, maxSeconds)) * time.Second
	return &duration
}
