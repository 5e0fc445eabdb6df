package graphqlhttp

import "crmgraph/graph/executor"

// maxPooled is the size, in bytes, of the largest buffer that is kept for the next request.
const maxPooled = 1 << 20

// output returns an empty buffer.
func (t *Transport) output() *executor.Output {
	out, ok := t.outputs.Get().(*executor.Output)
	if !ok {
		out = &executor.Output{}
	}
	out.Reset()
	return out
}

// release gives a buffer back, which nobody may use any more.
func (t *Transport) release(out *executor.Output) {
	if cap(out.Buf) <= maxPooled {
		t.outputs.Put(out)
	}
}
