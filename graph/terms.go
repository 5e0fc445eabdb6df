package graph

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"crmgraph/graph/model"
)

// errTerms is the answer to extensions.freshness that cannot be read.
const errTerms = model.InputError("extensions.freshness of a request is an object of report, noCache, noStore, " +
	"onlyIfCached (true or false), maxAge and maxStale (seconds, 0 or more).")

// maxTerm bounds the seconds of a term, so that no Duration overflows.
const maxTerm = 365 * 24 * 60 * 60

// termsJSON is extensions.freshness of a request. What it does not name stays as the
// request's header has it.
type termsJSON struct {
	Report       *bool    `json:"report"`
	NoCache      *bool    `json:"noCache"`
	NoStore      *bool    `json:"noStore"`
	OnlyIfCached *bool    `json:"onlyIfCached"`
	MaxAge       *float64 `json:"maxAge"`
	MaxStale     *float64 `json:"maxStale"`
}

// termsOf returns how fresh answers have to be for a request.
func termsOf(caller Caller, request *graphql.OperationContext) (Terms, error) {
	terms := caller.Freshness
	asked, ok := request.Extensions["freshness"]
	if !ok {
		return terms, nil
	}
	text, err := json.Marshal(asked)
	if err != nil {
		return terms, errTerms
	}
	var wire *termsJSON
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&wire); err != nil || wire == nil {
		return terms, errTerms
	}
	for _, flag := range []struct {
		from *bool
		to   *bool
	}{
		{wire.Report, &terms.Report},
		{wire.NoCache, &terms.NoCache},
		{wire.NoStore, &terms.NoStore},
		{wire.OnlyIfCached, &terms.OnlyIfCached},
	} {
		if flag.from != nil {
			*flag.to = *flag.from
		}
	}
	for _, term := range []struct {
		from *float64
		to   **time.Duration
	}{
		{wire.MaxAge, &terms.MaxAge},
		{wire.MaxStale, &terms.MaxStale},
	} {
		if term.from == nil {
			continue
		}
		if *term.from < 0 || *term.from > maxTerm {
			return terms, errTerms
		}
		duration := time.Duration(*term.from * float64(time.Second))
		*term.to = &duration
	}
	return terms, nil
}
