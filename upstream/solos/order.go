package solos

import "crmgraph/upstream/jsonread"

// orders has an order for each type of object, under its number.
type orders [numberOfTypes]order

// order is what the members of the last object of a type meant, one by one: nearly all objects
// come in the order of the one before. It is nil for a name that means nothing, or has escapes.
type order []*place

// maxOrder is how many members of an object are looked at for its order.
const maxOrder = 24

// next goes to the next member, the index-th of its object, and returns what it means: nil for
// nothing. ok is false where Next of members is.
func (o *order) next(members *jsonread.Members, index int, table names) (at *place, ok bool) {
	if index < len(*o) {
		if at := (*o)[index]; at != nil && members.Expect(at.name) {
			return at, true
		}
	}
	if !members.Next() {
		return nil, false
	}
	at = table.find(members.Key())
	o.note(index, at)
	return at, true
}

// note takes down what the index-th member means.
func (o *order) note(index int, at *place) {
	if at != nil && !jsonread.IsPlain([]byte(at.name)) {
		at = nil
	}
	if index >= len(*o) {
		if index >= maxOrder {
			return
		}
		if *o == nil {
			*o = make(order, 0, maxOrder)
		}
		*o = (*o)[:index+1]
	}
	(*o)[index] = at
}
