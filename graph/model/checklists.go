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
	for i, checklist := range checklists {
		out[i] = &Checklist{Checklist: checklist, Parent: parent}
	}
	return out
}

// IsNode marks Checklist as a Node of the schema.
func (*Checklist) IsNode() {}

// ID returns the opaque node id.
func (c *Checklist) ID() string {
	return NodeID{Type: ChecklistNode, Project: c.Checklist.ProjectID, Number: c.Checklist.ID}.String()
}

// DatabaseID returns the CRM's number.
func (c *Checklist) DatabaseID() string { return databaseID(c.Checklist.ID) }
