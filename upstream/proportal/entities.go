package proportal

import "crmgraph/upstream"

// Entities returns which answers may hold which groups, customers and tasks.
func Entities() upstream.Entities {
	return upstream.Entities{
		"group": {
			{Call: ListGroupsCall},
			{Call: GetGroupCall, Named: true},
			{Call: ListGroupCustomersCall, Named: true},
		},
		"customer": {
			{Call: ListPortfolioCall},
			{Call: CountPortfolioCall},
			{Call: ListGroupsCall}, // their numbers of customers
			{Call: GetGroupCall},
			{Call: ListGroupCustomersCall},
			{Call: GetCustomerCall, Named: true},
			{Call: ListCustomerTasksCall, Named: true},
			{Call: ListTasksCall}, // whose customers they name
			{Call: GetTaskBoardCall},
			{Call: GetTaskCall},
		},
		"task": {
			{Call: ListTasksCall},
			{Call: GetTaskBoardCall},
			{Call: GetTaskCall, Named: true},
			{Call: ListCustomerTasksCall},
			{Call: ListPortfolioCall}, // customers' last tasks
			{Call: ListGroupCustomersCall},
		},
	}
}
