package sandbox

import (
	"net/http"
	"net/url"
	"strings"

	"crmgraph/upstream"
)

// route is one endpoint: the call that asks for it and what answers it. H is the CRM's handler type.
type route[H any] struct {
	call upstream.Call
	// observed marks an endpoint no reference has.
	observed bool
	// when tells calls of one path apart by their parameters; nil fits any.
	when   func(url.Values) bool
	handle H
}

// match returns the first route for a request and the {id} of its path.
func match[H any](routes []route[H], r *http.Request, path string) (found route[H], id string, ok bool) {
	var query url.Values
	for _, candidate := range routes {
		if r.Method != candidate.call.Method {
			continue
		}
		id, ok := matchPath(candidate.call.Path, path)
		if !ok {
			continue
		}
		if candidate.when != nil {
			if query == nil {
				query = r.URL.Query()
			}
			if !candidate.when(query) {
				continue
			}
		}
		return candidate, id, true
	}
	return route[H]{}, "", false
}

// matchPath compares a path with a pattern that has at most one {id}.
func matchPath(pattern, path string) (id string, ok bool) {
	before, after, variable := strings.Cut(pattern, "{id}")
	if !variable {
		return "", pattern == path
	}
	rest, ok := strings.CutPrefix(path, before)
	if !ok {
		return "", false
	}
	id, ok = strings.CutSuffix(rest, after)
	return id, ok && id != "" && !strings.Contains(id, "/")
}

// unknownCall stands for a request to no endpoint.
func unknownCall(service upstream.Service) upstream.Call {
	return upstream.Call{Service: service, Operation: "unknown"}
}
