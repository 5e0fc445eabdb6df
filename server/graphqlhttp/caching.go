package graphqlhttp

import (
	"net/http"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"crmgraph/graph"
)

// keeping is whether, by whom and for how long an answer may be used again. The zero value
// is not at all.
type keeping struct {
	fresh     graph.Freshness // its parts are the CRMs', for its viewer alone
	schema    bool            // it is about the schema alone, and the same for everybody
	validated bool            // it has an entity tag, for who asks whether it has changed
}

// keepingOf returns it for the response to an operation that ran. One that failed in part
// is not kept.
func keepingOf(response *graphql.Response, fresh graph.Freshness, op *graphql.OperationContext, asked request) keeping {
	if len(response.Errors) > 0 {
		return keeping{}
	}
	return keeping{
		fresh:     fresh,
		schema:    asked.safe && len(response.Extensions) == 0 && isAboutSchema(op),
		validated: asked.safe,
	}
}

// isAboutSchema reports whether the operation asks for nothing but introspection.
func isAboutSchema(op *graphql.OperationContext) bool {
	for _, field := range graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Query"}) {
		switch field.Name {
		case "__schema", "__type", "__typename":
		default:
			return false
		}
	}
	return true
}

// setCaching says how long a response may be used again: as long as all of its parts are
// fresh. There is room for the values that are the response's own.
func (t *Transport) setCaching(header http.Header, keep keeping, room *[2]string) {
	switch {
	case keep.fresh.Known:
		room[0] = seconds(keep.fresh.Age)
		header["Age"] = room[0:1:1]
		// The age counts against it, so that what is left is the shortest time of all parts.
		room[1] = "private, max-age=" + seconds(keep.fresh.Age+keep.fresh.Left)
		header["Cache-Control"] = room[1:2:2]
	case keep.schema && t.opts.SchemaMaxAge > 0:
		header["Cache-Control"] = []string{"public, max-age=" + seconds(t.opts.SchemaMaxAge)}
	default:
		header["Cache-Control"] = t.headers.noStore
	}
}

// setVary names the request headers that answers depend on, besides those of middleware.
func (t *Transport) setVary(header http.Header) {
	if vary := header["Vary"]; vary != nil {
		header["Vary"] = append(vary, t.headers.vary...)
		return
	}
	header["Vary"] = t.headers.vary
}

func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }
