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
	for i, good := range goods {
		out[i] = &Good{Good: good, Parent: parent}
	}
	return out
}

// IsNode marks Good as a Node of the schema.
func (*Good) IsNode() {}

// ID returns the opaque node id.
func (g *Good) ID() string {
	return NodeID{Type: GoodNode, Project: g.Good.ProjectID, Number: g.Good.ID}.String()
}

// DatabaseID returns the CRM's number.
func (g *Good) DatabaseID() string { return databaseID(g.Good.ID) }
