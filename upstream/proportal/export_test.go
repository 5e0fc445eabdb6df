package proportal

import (
	"crmgraph/upstream"
	"crmgraph/upstream/jsonread"
)

// The methods below decode as the client does, for benchmarks of bodies that the sandbox
// sends. Each returns the number of elements.

// ReadPortfolio decodes a page of customers.
func (c *Client) ReadPortfolio(d *jsonread.Decoder) (elements int, err error) {
	return count(c, func(r *reader) ([]*Customer, upstream.Page, error) { return r.readCustomers(d, "") })
}

// ReadTasks decodes a list of planned tasks.
func (c *Client) ReadTasks(d *jsonread.Decoder) (elements int, err error) {
	return count(c, func(r *reader) ([]*Task, upstream.Page, error) { return r.readTaskPage(d, TaskPlanned) })
}

// ReadGroups decodes a list of groups.
func (c *Client) ReadGroups(d *jsonread.Decoder) (elements int, err error) {
	return count(c, func(r *reader) ([]*Group, upstream.Page, error) { return r.readGroups(d) })
}

func count[T any](c *Client, read func(*reader) ([]T, upstream.Page, error)) (elements int, err error) {
	r := c.reader()
	defer c.release(r)
	list, _, err := read(r)
	return len(list), err
}
