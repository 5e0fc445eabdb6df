// Package model holds the Go types behind the schema: nodes around the clients' types,
// connections, scalars, node ids and cursors.
package model

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"
)

// MaxNodes is how many node ids can be asked for at once.
const MaxNodes = 100

// NodeType is the type a node id names.
type NodeType string

// The types that can be found by their node id.
const (
	GroupNode     NodeType = "Group"
	CustomerNode  NodeType = "Customer"
	TaskNode      NodeType = "Task"
	ProjectNode   NodeType = "Project"
	StepNode      NodeType = "Step"
	ActionNode    NodeType = "Action"
	ChecklistNode NodeType = "Checklist"
	GoodNode      NodeType = "Good"
	PaymentNode   NodeType = "Payment"
)

// isPart reports whether nodes of this type can only be found through their project.
func (t NodeType) isPart() bool {
	switch t {
	case StepNode, ChecklistNode, GoodNode, PaymentNode:
		return true
	case GroupNode, CustomerNode, TaskNode, ProjectNode, ActionNode:
		return false
	}
	return false
}

func (t NodeType) isKnown() bool {
	switch t {
	case GroupNode, CustomerNode, TaskNode, ProjectNode, StepNode, ActionNode, ChecklistNode, GoodNode, PaymentNode:
		return true
	}
	return false
}

// NodeID is what an opaque node id stands for: a type and the CRM's number, and for
// the parts of a project, which have no endpoint of their own, the project's number.
type NodeID struct {
	Type    NodeType
	Project uint64 // 0 unless the type is a part of a project
	Number  uint64
}

// String returns the opaque form.
func (id NodeID) String() string { return string(id.appendTo(nil)) }

func (id NodeID) appendTo(dst []byte) []byte {
	plain := make([]byte, 0, 64) // the longest name and two of the largest numbers
	plain = append(plain, id.Type...)
	if id.Type.isPart() {
		plain = append(plain, ':')
		plain = strconv.AppendUint(plain, id.Project, 10)
	}
	plain = append(plain, ':')
	plain = strconv.AppendUint(plain, id.Number, 10)
	return base64.RawURLEncoding.AppendEncode(dst, plain)
}

const (
	errForeignID = InputError("The id is not one of this graph.")
	errWrongType = InputError("The id belongs to an object of another type.")
	errBadNumber = InputError("A number from 1 was due as id.")
)

// ParseNodeID reads the opaque form; anything String cannot have made is an InputError.
func ParseNodeID(text string) (NodeID, error) {
	plain, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return NodeID{}, errForeignID
	}
	parts := strings.Split(string(plain), ":")
	id := NodeID{Type: NodeType(parts[0])}
	numbers := parts[1:]
	want := 1
	if id.Type.isPart() {
		want = 2
	}
	if !id.Type.isKnown() || len(numbers) != want {
		return NodeID{}, errForeignID
	}
	if want == 2 {
		if id.Project, err = ParseNumber(numbers[0]); err != nil {
			return NodeID{}, errForeignID
		}
	}
	if id.Number, err = id.Type.parse(numbers[want-1]); err != nil || id.String() != text {
		return NodeID{}, errForeignID
	}
	return id, nil
}

// ParseID reads the argument id of a field: a node id of the given type, or the CRM's own
// number. It returns the number.
func ParseID(want NodeType, text string) (uint64, error) {
	number, err := parseID(want, text)
	return number, AtArgument("id", err)
}

func parseID(want NodeType, text string) (uint64, error) {
	if text != "" && strings.Trim(text, "0123456789") == "" {
		return want.parse(text)
	}
	id, err := ParseNodeID(text)
	if err != nil {
		return 0, err
	}
	if id.Type != want {
		return 0, errWrongType
	}
	return id.Number, nil
}

// parse reads the number of a node of this type; ProPortal's are signed.
func (t NodeType) parse(text string) (uint64, error) {
	number, err := ParseNumber(text)
	if err != nil {
		return 0, err
	}
	switch t {
	case GroupNode, CustomerNode, TaskNode:
		if number > math.MaxInt64 {
			return 0, errBadNumber
		}
	case ProjectNode, StepNode, ActionNode, ChecklistNode, GoodNode, PaymentNode:
	}
	return number, nil
}

// ParseNumber reads a CRM's number; they start at 1.
func ParseNumber(text string) (uint64, error) {
	number, err := strconv.ParseUint(text, 10, 64)
	if err != nil || number == 0 || text[0] == '0' || text[0] == '+' {
		return 0, errBadNumber
	}
	return number, nil
}

// ParseNumbers reads a list of CRM numbers.
func ParseNumbers(texts []string) ([]uint64, error) {
	var numbers []uint64
	for i, text := range texts {
		number, err := ParseNumber(text)
		if err != nil {
			return nil, AtElement(i, err)
		}
		numbers = append(numbers, number)
	}
	return numbers, nil
}
