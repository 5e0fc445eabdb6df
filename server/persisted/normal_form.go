package persisted

import (
	"errors"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"
)

// errLong is that a normal form would be longer than it may.
var errLong = errors.New("too long")

// normalForm returns the tokens of a document, one space after each. Documents that differ
// only in white space, commas and comments have one normal form, and no others do. What is
// longer than limit bytes is not read to its end.
func normalForm(document string, limit int) (string, error) {
	tokens := lexer.New(&ast.Source{Input: document})
	form := make([]byte, 0, min(limit, len(document)+len(document)/4))
	for len(form) <= limit {
		token, err := tokens.ReadToken()
		if err != nil {
			return "", err
		}
		switch token.Kind {
		case lexer.EOF:
			return string(form), nil
		case lexer.Comment:
			continue
		case lexer.Name, lexer.Int, lexer.Float:
			form = append(form, token.Value...)
		case lexer.String, lexer.BlockString:
			// Quoted, so that nothing in it looks like tokens.
			form = strconv.AppendQuote(form, token.Value)
		default:
			form = append(form, token.Kind.String()...)
		}
		form = append(form, ' ')
	}
	return "", errLong
}
