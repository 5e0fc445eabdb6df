package graph

import (
	"context"
	"errors"
	"log/slog"
	"math"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"crmgraph/graph/model"
	"crmgraph/upstream"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/solos"
)

// The codes of errors, in extensions.code; gqlgen adds its own for documents that do
// not parse or validate.
const (
	codeUnauthenticated = "UNAUTHENTICATED"
	codeForbidden       = "FORBIDDEN"
	codeNotFound        = "NOT_FOUND"
	codeBadUserInput    = "BAD_USER_INPUT"
	codeTimeout         = "UPSTREAM_TIMEOUT"
	codeUnavailable     = "UPSTREAM_UNAVAILABLE"
	codeBadResponse     = "UPSTREAM_BAD_RESPONSE"
	codeRejected        = "UPSTREAM_REJECTED"
	codeRateLimited     = "RATE_LIMITED"
	codeTooExpensive    = "COST_ESTIMATED_TOO_EXPENSIVE"
	codeInternal        = "INTERNAL_SERVER_ERROR"
	codeCanceled        = "CANCELED"
	codeNotCached       = "NOT_CACHED"
	codeOverloaded      = "OVERLOADED"

	codeIntrospectionDisabled = "INTROSPECTION_DISABLED"
)

const (
	messageUnauthenticated = "This needs a valid ProPortal token: send it as Authorization: Bearer …, or log in again."
	messageNotOfIssuer     = "This needs a valid token of this gateway's issuer: send it as Authorization: Bearer …"
	messageCanceled        = "The request was given up."
	messageInternal        = "Something went wrong inside the gateway. The request id helps its operators to find out what."
)

// answerTo is the one table between kinds of upstream failure and what a client is told.
// With argued, the field that failed has a filter or an order of the client's own.
func answerTo(err *upstream.Error, argued bool) (code, sentence string) {
	name := serviceName(err.Call.Service)
	switch err.Kind {
	case upstream.NotFound:
		return codeNotFound, name + " has nothing there, or does not show it to this viewer."
	case upstream.Invalid:
		if argued && (err.Call == solos.FilterProjectsCall || err.Call == solos.ListProjectsCall) {
			return codeBadUserInput, name + " does not accept this filter or order."
		}
		return codeInternal, messageInternal
	case upstream.Unauthenticated:
		if err.Call == proportal.LoginCall {
			return codeUnauthenticated, name + " does not recognise the caller."
		}
		return codeUnauthenticated, messageUnauthenticated
	case upstream.Forbidden:
		return codeForbidden, name + " does not let this viewer see this."
	case upstream.Rejected:
		return codeRejected, name + " refused the gateway's own credentials."
	case upstream.RateLimited:
		return codeRateLimited, name + " asks for fewer calls; try again later."
	case upstream.Timeout:
		return codeTimeout, name + " did not answer in time."
	case upstream.Unavailable:
		return codeUnavailable, name + " cannot be reached or fails just now."
	case upstream.NotConfigured:
		return codeUnavailable, name + " is not configured at this gateway."
	case upstream.OverBudget:
		return codeTooExpensive, "The operation has made as many calls as one may; ask for less at once."
	case upstream.Overloaded:
		return codeUnavailable, "Too many calls of " + name + " wait already; try again later."
	case upstream.NotCached:
		return codeNotCached, "No answer of " + name + " is kept that is fresh enough."
	case upstream.Malformed:
		return codeBadResponse, name + " sent an answer that cannot be read."
	case upstream.Canceled:
		return codeCanceled, messageCanceled
	}
	return codeInternal, messageInternal
}

// isUndecided reports whether kind, of an error without a call, is why nobody could tell if the token
// of an operation is good. Where a CRM was to tell, the error has its call.
func isUndecided(kind upstream.Kind) bool {
	return kind == upstream.Timeout || kind == upstream.Unavailable || kind == upstream.Canceled
}

// answerToUndecided is answerTo for those kinds.
func answerToUndecided(kind upstream.Kind) (code, sentence string) {
	if kind == upstream.Canceled {
		return codeCanceled, messageCanceled
	}
	code = codeUnavailable
	if kind == upstream.Timeout {
		code = codeTimeout
	}
	return code, "Nobody can tell just now whether the token is good; try again later."
}

func serviceName(service upstream.Service) string {
	switch service {
	case upstream.ProPortal:
		return "ProPortal"
	case upstream.Solos:
		return "solOS"
	}
	return "The CRM"
}

// present turns an error into what the client is told: a fixed sentence, a code and,
// for upstream failures, which call failed how. Everything else goes to the log.
func (g *Graph) present(ctx context.Context, err error) *gqlerror.Error {
	var located *gqlerror.Error
	if !errors.As(err, &located) {
		located = &gqlerror.Error{Err: err, Path: graphql.GetPath(ctx)}
	}
	out := &gqlerror.Error{Path: located.Path, Locations: located.Locations}
	if len(out.Locations) == 0 {
		out.Locations = locationsOf(graphql.GetFieldContext(ctx))
	}

	var failure *upstream.Error
	var input model.InputError
	var coded codedError
	var kind upstream.Kind
	switch {
	case errors.As(err, &failure):
		code, sentence := answerTo(failure, isArgued(ctx))
		out.Message = sentence
		out.Extensions = map[string]any{"code": code, "upstream": describe(failure)}
		if code == codeInternal {
			g.addRequestID(ctx, out)
		}
		g.logUpstream(ctx, failure)
	case errors.As(err, &kind) && kind == upstream.Unauthenticated:
		out.Message = messageUnauthenticated
		if g.opts.Service != nil {
			out.Message = messageNotOfIssuer // ProPortal's are of no use here
		}
		out.Extensions = map[string]any{"code": codeUnauthenticated}
	case errors.As(err, &kind) && isUndecided(kind):
		code, sentence := answerToUndecided(kind)
		out.Message = sentence
		out.Extensions = map[string]any{"code": code}
		g.logUndecided(ctx, kind, err)
	case errors.As(err, &input):
		out.Message = input.Error()
		out.Extensions = map[string]any{"code": codeBadUserInput}
		var argued *model.ArgumentError
		if errors.As(err, &argued) {
			out.Extensions["argument"] = argued.Argument
		} else if field, argument := splitPath(ctx, located.Path); argument != "" {
			out.Path, out.Extensions["argument"] = field, argument
		}
	case errors.As(err, &coded):
		own := coded.GraphQL()
		out.Message, out.Extensions = own.Message, own.Extensions
	case isAboutDocument(located):
		out.Message, out.Extensions = located.Message, located.Extensions
	default:
		out.Message = messageInternal
		out.Extensions = map[string]any{"code": codeInternal}
		g.addRequestID(ctx, out)
		g.opts.Logger.ErrorContext(ctx, "internal error",
			slog.String("request_id", g.opts.RequestID(ctx)), slog.String("path", located.Path.String()), slog.Any("error", err))
	}
	return out
}

// locationsOf returns where in the document a field stands, or the field whose element is looked at; nil
// where that is none. gqlgen leaves it out of the errors of elements and arguments, and of those that a resolver adds.
func locationsOf(field *graphql.FieldContext) []gqlerror.Location {
	for ; field != nil; field = field.Parent {
		if field.Field.Field != nil && field.Field.Position != nil {
			return []gqlerror.Location{{Line: field.Field.Position.Line, Column: field.Field.Position.Column}}
		}
	}
	return nil
}

// codedError is an error that says itself what the client is told.
type codedError interface {
	error
	GraphQL() *gqlerror.Error
}

// isArgued reports whether the field being resolved has a filter or an order.
func isArgued(ctx context.Context) bool {
	field := graphql.GetFieldContext(ctx)
	if field == nil {
		return false
	}
	filter, _ := field.Args["filter"].(*model.ProjectFilter)
	order, _ := field.Args["orderBy"].(*model.ProjectOrder)
	return filter != nil || order != nil
}

// splitPath parts a path that gqlgen has led on into the arguments of the field being resolved:
// that of the response ends with the field.
func splitPath(ctx context.Context, path ast.Path) (field ast.Path, argument string) {
	current := graphql.GetFieldContext(ctx)
	if current == nil {
		return path, ""
	}
	length := len(current.Path())
	if length >= len(path) {
		return path, ""
	}
	if _, named := path[length].(ast.PathName); !named { // an element of the field's list
		return path, ""
	}
	return path[:length:length], path[length:].String()
}

// isAboutDocument reports whether gqlgen found fault with the client's own document,
// operation name or variables.
func isAboutDocument(err *gqlerror.Error) bool {
	switch err.Extensions["code"] {
	case errcode.ParseFailed, errcode.ValidationFailed:
		return true
	default:
		return false
	}
}

// describe tells which call failed and whether trying again may help.
func describe(failure *upstream.Error) map[string]any {
	about := map[string]any{
		"service":   string(failure.Call.Service),
		"operation": failure.Call.Operation,
		"status":    nil,
		"retryable": failure.Retryable(),
	}
	if failure.Status != 0 {
		about["status"] = failure.Status
	}
	if failure.Field != "" {
		about["field"] = failure.Field
	}
	if failure.RetryAfter > 0 {
		about["retryAfter"] = int(math.Ceil(failure.RetryAfter.Seconds()))
	}
	return about
}

func (g *Graph) addRequestID(ctx context.Context, err *gqlerror.Error) {
	if id := g.opts.RequestID(ctx); id != "" {
		err.Extensions["requestId"] = id
	}
}

// logUpstream writes each failed call to the log once, however many fields it nulls.
func (g *Graph) logUpstream(ctx context.Context, failure *upstream.Error) {
	if !operationFrom(ctx).firstSight(failure) {
		return
	}
	g.opts.Logger.LogAttrs(ctx, levelOf(failure.Kind), "upstream call failed",
		slog.String("request_id", g.opts.RequestID(ctx)),
		slog.String("service", string(failure.Call.Service)),
		slog.String("operation", failure.Call.Operation),
		slog.String("kind", string(failure.Kind)),
		slog.Int("status", failure.Status),
		slog.Any("cause", failure.Err),
	)
}

// logUndecided writes to the log that it could not be told whether a token is good.
func (g *Graph) logUndecided(ctx context.Context, kind upstream.Kind, err error) {
	g.opts.Logger.LogAttrs(ctx, levelOf(kind), "token not checked",
		slog.String("request_id", g.opts.RequestID(ctx)), slog.String("kind", string(kind)), slog.Any("cause", err))
}

// levelOf is how much a failure matters: that a client leaves is no trouble of anybody's.
func levelOf(kind upstream.Kind) slog.Level {
	if kind == upstream.Canceled {
		return slog.LevelDebug
	}
	return slog.LevelWarn
}
