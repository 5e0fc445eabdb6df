package jsonlib

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"slices"
	"testing"

	"crmgraph/upstream"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/sandbox"
	"crmgraph/upstream/solos"
)

// answer is what the sandbox answered to one call.
type answer struct {
	name     string
	body     []byte
	elements int
	client   func(ctx context.Context) (elements int, err error) // the client's call, answered with body
}

// replay is a transport that keeps the body of the answer to a call and then gives it to
// every further call.
type replay struct{ body []byte }

func (r *replay) RoundTrip(req *http.Request) (*http.Response, error) {
	if r.body == nil {
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil || resp.StatusCode != http.StatusOK {
			return resp, err
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return nil, err
		}
		if err := resp.Body.Close(); err != nil {
			return nil, err
		}
		r.body = regular(body)
	}
	return &http.Response{
		StatusCode: http.StatusOK, ContentLength: int64(len(r.body)),
		Body: io.NopCloser(bytes.NewReader(r.body)), Request: req,
	}, nil
}

// What answers spell now as 12, now as 12.0 or "12", and results now as their number alone.
// Plain structs can read one of these.
var (
	numbers = regexp.MustCompile(`"(client_id|priority|data_posledniy_contact_unixtime)":"?(\d+)(?:\.0+)?"?`)
	results = regexp.MustCompile(`"result":(\d+)`)
	texts   = regexp.MustCompile(`"(vyruchka_period|vyruchka_za_god)":(\d[\d.]*)`)
)

// regular spells each field of body in one way.
func regular(body []byte) []byte {
	body = numbers.ReplaceAll(body, []byte(`"$1":$2`))
	body = results.ReplaceAll(body, []byte(`"result":{"status":$1}`))
	return texts.ReplaceAll(body, []byte(`"$1":"$2"`))
}

// answers asks a sandbox of one dialect for everything once. From then on every answer is
// given without HTTP.
func answers(tb testing.TB, dialect sandbox.Dialect) []answer {
	tb.Helper()
	crm, err := sandbox.Start(sandbox.Options{Dialect: dialect})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = crm.Close() })
	viewer := func(t http.RoundTripper) *proportal.ViewerClient {
		c, err := proportal.New(crm.ProPortalURL(), proportal.Options{CallerOptions: upstream.CallerOptions{Transport: t}, Now: crm.Now})
		if err != nil {
			tb.Fatal(err)
		}
		return c.As(proportal.Identity{Token: crm.Token(crm.ManagerIDs()[0])})
	}
	company := func(t http.RoundTripper) *solos.Client {
		opts := solos.Options{CallerOptions: upstream.CallerOptions{Transport: t}}
		c, err := solos.New(crm.SolosURL(), crm.SolosToken(), crm.SolosSecret(), opts)
		if err != nil {
			tb.Fatal(err)
		}
		return c
	}
	project := crm.Data().Projects[slices.IndexFunc(crm.Data().Projects, func(p *sandbox.Project) bool {
		return len(p.Steps) >= 3 && len(p.Payments) >= 3 && len(p.Payments) < 10
	})].ID

	return []answer{
		ask(tb, viewer, "portfolio", func(ctx context.Context, v *proportal.ViewerClient) (int, error) {
			page, err := v.ListPortfolio(ctx, proportal.PortfolioOptions{Page: 1, PerPage: 50})
			if err != nil {
				return 0, err
			}
			return len(page.Customers), nil
		}),
		ask(tb, viewer, "tasks", func(ctx context.Context, v *proportal.ViewerClient) (int, error) {
			tasks, err := v.ListTasks(ctx, proportal.TaskPlanned)
			return len(tasks), err
		}),
		ask(tb, company, "filter", func(ctx context.Context, c *solos.Client) (int, error) {
			list, err := c.FilterProjects(ctx, solos.ProjectFilter{}, solos.ProjectsOptions{Count: 175})
			return len(list.Items), err
		}),
		ask(tb, company, "projects", func(ctx context.Context, c *solos.Client) (int, error) {
			list, err := c.ListProjects(ctx, solos.ProjectsOptions{Count: 100})
			return len(list.Items), err
		}),
		ask(tb, company, "project", func(ctx context.Context, c *solos.Client) (int, error) {
			_, err := c.GetProject(ctx, project)
			return 1, err
		}),
		ask(tb, company, "steps", func(ctx context.Context, c *solos.Client) (int, error) {
			steps, err := c.ListSteps(ctx, project, solos.StepsOptions{})
			return len(steps), err
		}),
		ask(tb, company, "payments", func(ctx context.Context, c *solos.Client) (int, error) {
			list, err := c.ListPayments(ctx, project, solos.PaymentsOptions{})
			return len(list.Items), err
		}),
	}
}

// ask makes a call of a client for the first time.
func ask[C any](tb testing.TB, connect func(http.RoundTripper) C, name string, call func(context.Context, C) (int, error)) answer {
	tb.Helper()
	transport := new(replay)
	client := connect(transport)
	elements, err := call(tb.Context(), client)
	if err != nil || elements == 0 {
		tb.Fatalf("%s: %d elements, %v", name, elements, err)
	}
	return answer{name, transport.body, elements, func(ctx context.Context) (int, error) { return call(ctx, client) }}
}
