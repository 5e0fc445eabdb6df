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
	all := make([]Action, len(actions))
	for i, action := range actions {
		all[i] = Action{Action: action, Parent: parent}
		out[i] = &all[i]
	}
	return out
}

// IsNode marks Action as a Node of the schema.
func (*Action) IsNode() {}

// IsTimelineItem marks Action as a TimelineItem of the schema.
func (*Action) IsTimelineItem() {}

// ID returns the opaque node id.
func (a *Action) ID() NodeID {
	return NodeID{Type: ActionNode, Number: a.Action.ID}
}

// DatabaseID returns the CRM's number.
func (a *Action) DatabaseID() uint64 { return a.Action.ID }
