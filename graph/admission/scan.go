package admission

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/lexer"
)

// scan reads the tokens of a document and nothing else, until one is over a limit, and
// returns how many it has read. The parser recurses where the document nests, and makes a
// few hundred bytes of each token.
func (l *Limits) scan(source *ast.Source) (tokens int, err *gqlerror.Error) {
	lex := lexer.New(source)
	open := 0
	for {
		token, cause := lex.ReadToken()
		if cause != nil {
			return tokens, unparsable(cause)
		}
		switch token.Kind {
		case lexer.EOF:
			return tokens, nil
		case lexer.BraceL, lexer.BracketL, lexer.ParenL:
			if open++; open > l.MaxNesting {
				return tokens, exceeded(CodeNestedTooDeep, open, l.MaxNesting)
			}
		case lexer.BraceR, lexer.BracketR, lexer.ParenR:
			open--
		case lexer.Name:
			if len(token.Value) > l.MaxNameBytes {
				return tokens, exceeded(CodeNameTooLong, len(token.Value), l.MaxNameBytes)
			}
		default:
		}
		if tokens++; tokens > l.MaxTokens {
			return tokens, exceeded(CodeTooManyTokens, tokens, l.MaxTokens)
		}
	}
}
