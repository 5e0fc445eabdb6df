package model

import "crmgraph/upstream/solos"

// Good is a line of what a project sells.
type Good struct {
	*solos.Good
	// Parent is the project it was reached from; nil when it was found by its id.
	Parent *Project
}

// NewGoods makes the goods of a project.
func NewGoods(goods []*solos.Good, parent *Project) []*Good {
	out := make([]*Good, len(goods))
	all := make([]Good, len(goods))
	for i, good := range goods {
		all[i] = Good{Good: good, Parent: parent}
		out[i] = &all[i]
	}
	return out
}

// IsNode marks Good as a Node of the schema.
func (*Good) IsNode() {}

// ID returns the opaque node id.
func (g *Good) ID() NodeID {
	return NodeID{Type: GoodNode, Project: g.ProjectID, Number: g.Good.ID}
}

// DatabaseID returns the CRM's number.
func (g *Good) DatabaseID() uint64 { return g.Good.ID }
