package model

import "crmgraph/upstream/solos"

// Action is something that happened in a project.
type Action struct {
	*solos.Action
	// Parent is the project it was reached from; nil when it was found by its id.
	Parent *Project
}

// NewActions makes the actions of a project.
func NewActions(actions []*solos.Action, parent *Project) []*Action {
	out := make([]*Action, len(actions))
	for i, action := range actions {
		out[i] = &Action{Action: action, Parent: parent}
	}
	return out
}

// IsNode marks Action as a Node of the schema.
func (*Action) IsNode() {}

// IsTimelineItem marks Action as a TimelineItem of the schema.
func (*Action) IsTimelineItem() {}

// ID returns the opaque node id.
func (a *Action) ID() string {
	return NodeID{Type: ActionNode, Number: a.Action.ID}.String()
}

// DatabaseID returns the CRM's number.
func (a *Action) DatabaseID() string { return databaseID(a.Action.ID) }
