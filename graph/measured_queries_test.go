package graph_test

// roundQuery is a query with the dependent rounds of calls that its answer takes.
type roundQuery struct {
	name, text string
	rounds     int
}

// measuredQueries are those that performance is measured by.
func measuredQueries() []roundQuery {
	return []roundQuery{
		{"Q1_portfolio", `{ portfolio(first: 50) { totalCount nodes {
			id name industry valuation lastActivity { result at } revenue { amount period } } } }`, 1},
		{"Q2_dashboard", `{ portfolio(first: 50) { nodes { id name
			tasks(first: 5) { nodes { id status type startsAt comment } }
			projects(first: 3) { nodes { id name price
				steps { name date } payments(first: 5) { nodes { type date sum } } } } } } }`, 3},
		{"Q3_project", `{ project(id: 1) { id name price fields { name value }
			steps { name date } actions(first: 20) { nodes { typeName date text } }
			payments(first: 20) { nodes { type date sum } } goods { name quantity sum }
			checklists { name items { name isDone } } } }`, 1},
		{"Q4_projects", `{ projects(first: 100) { nodes { id name price createdAt
			a: field(name: "client_id") b: field(name: "contract_date") c: field(name: "source")
			d: field(name: "deadline") e: field(name: "probability") } } }`, 1},
	}
}
