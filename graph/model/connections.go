package model

// MaxFirst is how many elements a page may have.
const MaxFirst = 100

// PageInfo tells where to go on reading.
type PageInfo struct {
	HasNextPage     bool
	HasPreviousPage bool
	StartCursor     *string
	EndCursor       *string
}

// Page is where the elements of a connection stand in their list.
type Page struct {
	Scope  Scope
	Offset int  // elements in front of the page
	Length int  // elements on the page
	More   bool // whether elements follow
	Total  int  // elements of the list, -1 when nobody knows
}

// Elements returns how many elements the page has.
func (p *Page) Elements() int { return p.Length }

func (p *Page) cursor(index int) string { return OffsetCursor(p.Scope, p.Offset+index) }

// PageInfo returns where to go on reading.
func (p *Page) PageInfo() *PageInfo {
	info := &PageInfo{HasNextPage: p.More, HasPreviousPage: p.Offset > 0}
	if p.Length > 0 {
		start, end := p.cursor(0), p.cursor(p.Length-1)
		info.StartCursor, info.EndCursor = &start, &end
	}
	return info
}

// TotalCount returns the length of the list, nil when nobody knows.
func (p *Page) TotalCount() *int {
	if p.Total < 0 {
		return nil
	}
	return &p.Total
}

// CustomerConnection is a page of customers.
type CustomerConnection struct {
	Page
	Nodes []*Customer
}

// CustomerEdge is a customer with its cursor.
type CustomerEdge struct {
	Cursor string
	Node   *Customer
}

// Edges returns the customers with their cursors.
func (c *CustomerConnection) Edges() []*CustomerEdge {
	edges := make([]*CustomerEdge, len(c.Nodes))
	for i, node := range c.Nodes {
		edges[i] = &CustomerEdge{Cursor: c.cursor(i), Node: node}
	}
	return edges
}

// TaskConnection is a page of tasks.
type TaskConnection struct {
	Page
	Nodes []*Task
}

// TaskEdge is a task with its cursor.
type TaskEdge struct {
	Cursor string
	Node   *Task
}

// Edges returns the tasks with their cursors.
func (c *TaskConnection) Edges() []*TaskEdge {
	edges := make([]*TaskEdge, len(c.Nodes))
	for i, node := range c.Nodes {
		edges[i] = &TaskEdge{Cursor: c.cursor(i), Node: node}
	}
	return edges
}

// ProjectConnection is a page of projects.
type ProjectConnection struct {
	Page
	Nodes []*Project
}

// ProjectEdge is a project with its cursor.
type ProjectEdge struct {
	Cursor string
	Node   *Project
}

// Edges returns the projects with their cursors.
func (c *ProjectConnection) Edges() []*ProjectEdge {
	edges := make([]*ProjectEdge, len(c.Nodes))
	for i, node := range c.Nodes {
		edges[i] = &ProjectEdge{Cursor: c.cursor(i), Node: node}
	}
	return edges
}

// ActionConnection is a page of actions.
type ActionConnection struct {
	Page
	Nodes []*Action
}

// ActionEdge is a action with its cursor.
type ActionEdge struct {
	Cursor string
	Node   *Action
}

// Edges returns the actions with their cursors.
func (c *ActionConnection) Edges() []*ActionEdge {
	edges := make([]*ActionEdge, len(c.Nodes))
	for i, node := range c.Nodes {
		edges[i] = &ActionEdge{Cursor: c.cursor(i), Node: node}
	}
	return edges
}

// PaymentConnection is a page of payments.
type PaymentConnection struct {
	Page
	Nodes []*Payment
}

// PaymentEdge is a payment with its cursor.
type PaymentEdge struct {
	Cursor string
	Node   *Payment
}

// Edges returns the payments with their cursors.
func (c *PaymentConnection) Edges() []*PaymentEdge {
	edges := make([]*PaymentEdge, len(c.Nodes))
	for i, node := range c.Nodes {
		edges[i] = &PaymentEdge{Cursor: c.cursor(i), Node: node}
	}
	return edges
}
