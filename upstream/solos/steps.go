package solos

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/jsonread"
)

// Step is a project's entry into a step of its funnel. Pointers are nil where the CRM
// sent nothing.
type Step struct {
	ID        uint64 // of the entry
	ProjectID uint64
	StepID    *uint64 // of the funnel's step
	Name      *string
	Date      *time.Time // UTC
	UserID    *uint64
	Comment   *string
	Extra     json.RawMessage // a JSON object of what has no field here; nil if nothing
}

// StepsOptions are the filters of ListSteps; empty ones are not sent.
type StepsOptions struct {
	Date    upstream.Date
	StepIDs []uint64
}

// ListStepsCall describes the call of Client.ListSteps.
var ListStepsCall = upstream.Call{Service: upstream.Solos, Operation: "steps", Method: http.MethodGet, Path: "projects/steps"}

// ListSteps returns the way of a project through its funnel, one Step for each entry, in
// the CRM's order. Times are UTC.
//
// Errors: Invalid for arguments that cannot be sent, NotFound, Rejected, RateLimited,
// Timeout, Unavailable, Malformed with the field, Canceled.
//
// Source: GET /projects/steps («Этапы проекта»).
func (c *Client) ListSteps(ctx context.Context, projectID uint64, opts StepsOptions) ([]*Step, error) {
	var q query
	q.id(projectID)
	q.filterDate(opts.Date)
	q.filterIDs("filter_steps", opts.StepIDs)
	list, err := get(ctx, c, &ListStepsCall, projectID, &q, (*reader).readSteps)
	return list.Items, err
}

// stepRecord is a Step and what its pointers point to.
type stepRecord struct {
	Step
	stepID, userID uint64
	name, comment  string
	date           time.Time
}

func (r *reader) readSteps(d *jsonread.Decoder) (List[*Step], error) {
	return readList(r, d, (*reader).step)
}

func (r *reader) step(d *jsonread.Decoder) (*Step, error) {
	s := r.steps.New()
	s.ProjectID = r.project
	extra, err := r.object(d, r.names.step, s)
	if err != nil {
		return nil, err
	}
	if s.ID == 0 {
		return nil, errMissingID
	}
	s.Extra = extra
	return &s.Step, nil
}

func (s *stepRecord) take(r *reader, d *jsonread.Decoder, field string) (err error) {
	switch field {
	case "id":
		s.ID, err = readID(d)
	case "projectId":
		s.ProjectID, err = r.readProjectID(d)
	case "stepId":
		s.StepID, err = readRef(d, &s.stepID)
	case "name":
		s.Name, err = r.readText(d, &s.name)
	case "date":
		s.Date, err = r.readTime(d, &s.date)
	case "userId":
		s.UserID, err = readRef(d, &s.userID)
	case "comment":
		s.Comment, err = r.readText(d, &s.comment)
	}
	return err
}
