package graphqlhttp

// parameter is one of those that a request may have.
type parameter uint8

// The parameters. All others are unknown.
const (
	unknownParameter parameter = iota
	query
	operationName
	documentID
	variables
	extensions
	parameterCount
)

func parameterNamed(name string) parameter {
	switch name {
	case "query":
		return query
	case "operationName":
		return operationName
	case "documentId":
		return documentID
	case "variables":
		return variables
	case "extensions":
		return extensions
	default:
		return unknownParameter
	}
}

// parameterSet holds the parameters that were met. Unknown ones may come again.
type parameterSet [parameterCount]bool

// add reports whether the set holds p already, and adds it.
func (s *parameterSet) add(p parameter) (again bool) {
	again = s[p] && p != unknownParameter
	s[p] = true
	return again
}
