package solos

import "crmgraph/upstream"

// Entities returns which answers may hold which projects and parts of projects. Parts are
// read by their project, so that any answer may hold any part of its kind.
func Entities() upstream.Entities {
	return upstream.Entities{
		"project": {
			{Call: ListProjectsCall},
			{Call: FilterProjectsCall},
			{Call: GetProjectCall, Named: true},
			{Call: ListStepsCall, Named: true},
			{Call: ListActionsCall, Named: true},
			{Call: GetActionCall}, // which names no project
			{Call: ListChecklistsCall, Named: true},
			{Call: ListGoodsCall, Named: true},
			{Call: ListPaymentsCall, Named: true},
		},
		"step":      {{Call: ListStepsCall}},
		"action":    {{Call: ListActionsCall}, {Call: GetActionCall, Named: true}},
		"checklist": {{Call: ListChecklistsCall}},
		"good":      {{Call: ListGoodsCall}},
		"payment":   {{Call: ListPaymentsCall}},
	}
}
