package model

import "crmgraph/upstream/solos"

// Step is an entry into a step of a funnel.
type Step struct {
	*solos.Step
	// Parent is the project it was reached from; nil when it was found by its id.
	Parent *Project
}

// NewSteps makes the steps of a project.
func NewSteps(steps []*solos.Step, parent *Project) []*Step {
	out := make([]*Step, len(steps))
	all := make([]Step, len(steps))
	for i, step := range steps {
		all[i] = Step{Step: step, Parent: parent}
		out[i] = &all[i]
	}
	return out
}

// IsNode marks Step as a Node of the schema.
func (*Step) IsNode() {}

// ID returns the opaque node id.
func (s *Step) ID() NodeID {
	return NodeID{Type: StepNode, Project: s.ProjectID, Number: s.Step.ID}
}

// DatabaseID returns the CRM's number.
func (s *Step) DatabaseID() uint64 { return s.Step.ID }
