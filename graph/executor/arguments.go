package executor

import "context"

// arguments are those of one step, once they have been read. All calls of the step share
// them. A step has one node, so that nobody else reads them at the same time.
type arguments struct {
	known  bool
	values map[string]any
}

func (r *run) knownArguments(s *step) (args map[string]any, known bool) {
	if s.field.Args == nil {
		return nil, true
	}
	return r.args[s.id].values, r.args[s.id].known
}

// arguments returns a step's arguments. Their errors tell the path to the field of ctx, and
// so have to be made anew for every object.
func (r *run) arguments(ctx context.Context, s *step) (args map[string]any, err error) {
	if args, known := r.knownArguments(s); known {
		return args, nil
	}
	defer func() {
		if cause := recover(); cause != nil { // a number that does not fit, for one
			args, err = nil, r.op.Recover(ctx, cause)
		}
	}()
	args, err = s.field.Args(ctx, s.collected.ArgumentMap(r.op.Variables))
	if err != nil {
		return nil, err
	}
	r.args[s.id] = arguments{known: true, values: args}
	return args, nil
}
