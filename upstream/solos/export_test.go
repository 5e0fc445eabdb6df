package solos

import "crmgraph/upstream/jsonread"

// The methods below decode as the client does, for benchmarks of bodies that the sandbox
// sends. Each returns the number of elements.

// ReadProjects decodes a list of projects.
func (c *Client) ReadProjects(d *jsonread.Decoder) (int, error) {
	return countRead(c, func(r *reader) (List[*Project], error) { return readList(r, d, (*reader).readProject) })
}

// ReadOneProject decodes a single project.
func (c *Client) ReadOneProject(d *jsonread.Decoder) (int, error) {
	return countRead(c, func(r *reader) (List[*Project], error) {
		project, err := readOne(r, d, r.names.project, (*reader).readProject)
		return List[*Project]{Items: []*Project{project}}, err
	})
}

// ReadSteps decodes the steps of a project.
func (c *Client) ReadSteps(d *jsonread.Decoder) (int, error) {
	return countRead(c, func(r *reader) (List[*Step], error) { return readList(r, d, (*reader).step) })
}

// ReadPayments decodes the payments of a project.
func (c *Client) ReadPayments(d *jsonread.Decoder) (int, error) {
	return countRead(c, func(r *reader) (List[*Payment], error) { return readList(r, d, (*reader).payment) })
}

func countRead[T any](c *Client, read func(*reader) (List[T], error)) (int, error) {
	r := c.reader(&ListProjectsCall, 0)
	defer c.release(r)
	list, err := read(r)
	return len(list.Items), err
}
