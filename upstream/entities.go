package upstream

// Entities says which answers may hold which objects, by the kind of object ("task"). It is
// what forgetting one object goes by.
type Entities map[string][]Holding

// Holding is a call whose answer may hold objects of a kind.
type Holding struct {
	Call Call
	// Named is whether only the object counts that the call names; else any of its kind may be
	// in the answer, as in a list.
	Named bool
}

// Concerns reports whether the answer to key may hold an object.
func (e Entities) Concerns(key Key, kind, id string) bool {
	for _, holding := range e[kind] {
		if holding.Call.Service == key.Service && holding.Call.Operation == key.Operation {
			return !holding.Named || key.ID == id
		}
	}
	return false
}

// Operations returns the operations whose answers may hold objects of a kind, as Call.String
// names them.
func (e Entities) Operations(kind string) []string {
	operations := make([]string, len(e[kind]))
	for i, holding := range e[kind] {
		operations[i] = holding.Call.String()
	}
	return operations
}
