package graph

import "crmgraph/upstream/proportal"

// groupsOptions leaves out what is the CRM's default: without any parameter many
// installations answer in the fuller of their two forms.
func groupsOptions(status, count proportal.GroupStatus) proportal.GroupsOptions {
	var opts proportal.GroupsOptions
	if status != proportal.GroupActive {
		opts.Status = status
	}
	if count != proportal.GroupActive {
		opts.Count = count
	}
	return opts
}
