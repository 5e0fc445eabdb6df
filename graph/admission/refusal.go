package admission

import (
	"errors"
	"fmt"
	"strings"

	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Code is why a document or its variables are refused, in extensions.code.
type Code string

// The codes of this package.
const (
	CodeTooLong            Code = "QUERY_TOO_LONG"
	CodeNotUTF8            Code = "QUERY_NOT_UTF8"
	CodeTooManyTokens      Code = "QUERY_TOO_MANY_TOKENS"
	CodeNestedTooDeep      Code = "QUERY_NESTED_TOO_DEEP"
	CodeNameTooLong        Code = "QUERY_NAME_TOO_LONG"
	CodeNoOperation        Code = "QUERY_WITHOUT_OPERATION"
	CodeOperationNotFound  Code = "OPERATION_NOT_FOUND"
	CodeFragmentCycle      Code = "QUERY_FRAGMENT_CYCLE"
	CodeTooManyOperations  Code = "QUERY_TOO_MANY_OPERATIONS"
	CodeTooDeep            Code = "QUERY_TOO_DEEP"
	CodeTooManyFields      Code = "QUERY_TOO_MANY_FIELDS"
	CodeTooManyRootFields  Code = "QUERY_TOO_MANY_ROOT_FIELDS"
	CodeTooManyAliases     Code = "QUERY_TOO_MANY_ALIASES"
	CodeTooManyDirectives  Code = "QUERY_TOO_MANY_DIRECTIVES"
	CodeDirectivesPerPlace Code = "QUERY_TOO_MANY_DIRECTIVES_PER_LOCATION"
	CodeTooManyFragments   Code = "QUERY_TOO_MANY_FRAGMENTS"
	CodeTooManySpreads     Code = "QUERY_TOO_MANY_FRAGMENT_SPREADS"
	CodeTooManyVariables   Code = "QUERY_TOO_MANY_VARIABLES"
	CodeInputTooDeep       Code = "QUERY_INPUT_TOO_DEEP"
	CodeListTooLong        Code = "QUERY_LIST_TOO_LONG"
	CodeTooMuchOverlap     Code = "QUERY_TOO_MUCH_OVERLAP"
	CodeVariablesTooLong   Code = "VARIABLES_TOO_LONG"
	CodeVariablesTooDeep   Code = "VARIABLES_TOO_DEEP"
	CodeVariablesTooMany   Code = "VARIABLES_TOO_MANY_ELEMENTS"
	CodeCanceled           Code = "CANCELED"
	CodeDeadlineExceeded   Code = "DEADLINE_EXCEEDED"
)

// RefusedError is the cause of an error of this package. Its message is a fixed sentence that
// holds nothing of what the client sent, so it can be told as it is.
type RefusedError struct {
	Code         Code
	Value, Limit int // what was found and what is allowed; Limit is 0 where nothing is counted
}

// Error tells the client what is wrong.
func (r *RefusedError) Error() string {
	if r.Limit == 0 {
		return r.sentence()
	}
	return fmt.Sprintf("%s: %d, where at most %d is allowed.", r.sentence(), r.Value, r.Limit)
}

func (r *RefusedError) sentence() string {
	switch r.Code {
	case CodeTooLong:
		return "The document is too long, in bytes"
	case CodeNotUTF8:
		return "The document is not valid UTF-8."
	case CodeTooManyTokens:
		return "The document has too many tokens"
	case CodeNestedTooDeep:
		return "Braces, brackets and parentheses of the document are nested too deep"
	case CodeNameTooLong:
		return "A name in the document is too long, in bytes"
	case CodeNoOperation:
		return "The document has no operation."
	case CodeOperationNotFound:
		return "The document does not have the operation asked for, or has several and none was named."
	case CodeFragmentCycle:
		return "A fragment of the document spreads itself, at once or through others."
	case CodeTooManyOperations:
		return "The document has too many operations"
	case CodeTooDeep:
		return "Fields of the document are nested too deep"
	case CodeTooManyFields:
		return "An operation or fragment has too many fields, with those of the fragments it spreads"
	case CodeTooManyRootFields:
		return "An operation has too many root fields"
	case CodeTooManyAliases:
		return "The document has too many aliases"
	case CodeTooManyDirectives:
		return "The document has too many directives"
	case CodeDirectivesPerPlace:
		return "There are too many directives at one place of the document"
	case CodeTooManyFragments:
		return "The document has too many fragments"
	case CodeTooManySpreads:
		return "The document spreads too many fragments"
	case CodeTooManyVariables:
		return "An operation has too many variables"
	case CodeInputTooDeep:
		return "Lists and objects of a value are nested too deep"
	case CodeListTooLong:
		return "A list or object of a value has too many elements"
	case CodeTooMuchOverlap:
		return "It takes too many steps to find out whether the fields of the document can be merged"
	case CodeVariablesTooLong:
		return "The variables are too long, in bytes"
	case CodeVariablesTooDeep:
		return "Lists and objects of the variables are nested too deep"
	case CodeVariablesTooMany:
		return "The variables have too many elements"
	case CodeCanceled:
		return "The request was given up."
	case CodeDeadlineExceeded:
		return "The time of the request was up before its operation ran."
	}
	return "The document cannot be admitted."
}

// refuse returns the error of something that is not counted.
func refuse(code Code) *gqlerror.Error {
	r := &RefusedError{Code: code}
	return &gqlerror.Error{Err: r, Message: r.Error(), Extensions: map[string]any{"code": string(code)}}
}

// exceeded returns the error of a value above its limit.
func exceeded(code Code, value, limit int) *gqlerror.Error {
	r := &RefusedError{Code: code, Value: value, Limit: limit}
	return &gqlerror.Error{Err: r, Message: r.Error(), Extensions: map[string]any{
		"code": string(code), "limit": limit, "value": value,
	}}
}

// unparsable returns the error of a document that is not GraphQL: where it is not, and what
// kind of token was expected. Of the lexer's and the parser's own messages many quote the
// document, and a token can be as long as that.
func unparsable(cause error) *gqlerror.Error {
	err := &gqlerror.Error{Message: "The document is not GraphQL.", Extensions: map[string]any{"code": errcode.ParseFailed}}
	var found *gqlerror.Error
	if errors.As(cause, &found) {
		err.Locations = found.Locations
		// Kinds of tokens are not quoted, what a token holds is.
		if strings.HasPrefix(found.Message, "Expected ") && !strings.Contains(found.Message, `"`) {
			err.Message = "The document is not GraphQL: expected " + strings.TrimPrefix(found.Message, "Expected ") + "."
		}
	}
	return err
}
