package model

import "crmgraph/upstream/solos"

// Checklist is a list of things to be done in a project.
type Checklist struct {
	*solos.Checklist
	// Parent is the project it was reached from; nil when it was found by its id.
	Parent *Project
}

// NewChecklists makes the checklists of a project.
func NewChecklists(checklists []*solos.Checklist, parent *Project) []*Checklist {
	out := make([]*Checklist, len(checklists))
	all := make([]Checklist, len(checklists))
	for i, checklist := range checklists {
		all[i] = Checklist{Checklist: checklist, Parent: parent}
		out[i] = &all[i]
	}
	return out
}

// IsNode marks Checklist as a Node of the schema.
func (*Checklist) IsNode() {}

// ID returns the opaque node id.
func (c *Checklist) ID() NodeID {
	return NodeID{Type: ChecklistNode, Project: c.ProjectID, Number: c.Checklist.ID}
}

// DatabaseID returns the CRM's number.
func (c *Checklist) DatabaseID() uint64 { return c.Checklist.ID }
