package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/solos"
)

// solosPublic is the part of solOS's path that clients add to the base URL.
const solosPublic = solosBase + "/backend/public/"

// company answers as solOS does. All its data belongs to the whole company.
type company struct {
	options Options
	routes  []route[solosHandler]

	// projects is by id ascending.
	projects   []*companyProject
	byID       map[uint64]*companyProject
	byCustomer map[string][]*companyProject
	actions    map[uint64]companyAction
	orders     map[string]func() *projectOrder

	known knownAnswers
}

// companyAction is an action with the project it belongs to.
type companyAction struct {
	*Action
	projectID uint64
}

// solosHandler answers a request with good credentials.
type solosHandler func(c *company, query url.Values, body []byte) answer

func newSolos(o Options, data *Data) *company {
	c := &company{
		options:    o,
		routes:     solosRoutes(),
		byID:       map[uint64]*companyProject{},
		byCustomer: map[string][]*companyProject{},
		actions:    map[uint64]companyAction{},
	}
	for i, p := range data.Projects {
		project := newCompanyProject(p, i, o.Dialect)
		c.projects = append(c.projects, project)
		c.byID[p.ID] = project
		if customer := project.dynamic[o.CustomerField]; customer != nil {
			c.byCustomer[*customer] = append(c.byCustomer[*customer], project)
		}
		for i := range p.Actions {
			c.actions[p.Actions[i].ID] = companyAction{Action: &p.Actions[i], projectID: p.ID}
		}
	}
	c.orders = projectOrders(c.projects, append(otherFields(), o.CustomerField))
	return c
}

func solosRoutes() []route[solosHandler] {
	return []route[solosHandler]{
		{call: solos.ListProjectsCall, handle: (*company).listProjects},
		{call: solos.FilterProjectsCall, handle: (*company).filterProjects},
		{call: solos.GetProjectCall, handle: (*company).project},
		{call: solos.ListStepsCall, handle: (*company).steps},
		{call: solos.ListActionsCall, handle: (*company).listActions},
		{call: solos.GetActionCall, handle: (*company).action},
		{call: solos.ListChecklistsCall, handle: (*company).checklists},
		{call: solos.ListGoodsCall, handle: (*company).goods},
		{call: solos.ListPaymentsCall, handle: (*company).payments},
	}
}

// route finds the endpoint of a request.
func (c *company) route(r *http.Request) (upstream.Call, func([]byte) answer) {
	path, inside := strings.CutPrefix(r.URL.Path, solosPublic)
	found, _, ok := match(c.routes, r, path)
	if !inside || !ok {
		return unknownCall(upstream.Solos), func([]byte) answer { return htmlStatus(http.StatusNotFound) }
	}
	return found.call, func(body []byte) answer {
		if r.Header.Get("X-Crypto-Token") != c.options.SolosToken || r.Header.Get("X-Crypto-Secret") != c.options.SolosSecret {
			return solosUnauthorized()
		}
		if r.Method != http.MethodGet {
			return found.handle(c, r.URL.Query(), body)
		}
		return c.known.get(r.URL.RequestURI(), func() answer { return found.handle(c, r.URL.Query(), body) })
	}
}

func solosUnauthorized() answer {
	return jsonStatus(http.StatusUnauthorized, map[string]string{"error": "Access denied: wrong X-Crypto-Token or X-Crypto-Secret"})
}

func badRequest(format string, args ...any) answer {
	return jsonStatus(http.StatusBadRequest, map[string]string{"error": fmt.Sprintf(format, args...)})
}

// object answers with one encoded value in the envelope.
func (c *company) object(value []byte) answer {
	if c.options.Envelope == EnvelopeBare {
		return jsonBody(value)
	}
	return jsonBody(wrap(c.options.Envelope, value, nil))
}

// list answers with encoded objects in the envelope; total is how many there are on all pages.
func (c *company) list(items [][]byte, total int) answer {
	if c.options.Envelope == EnvelopeBare || !c.options.Totals {
		return c.object(join(items))
	}
	return jsonBody(wrap(c.options.Envelope, join(items), struct {
		Total int `json:"total"`
	}{total}))
}

// missing answers for an object that does not exist.
func (c *company) missing() answer {
	if c.options.Dialect == DialectResource {
		return htmlStatus(http.StatusNotFound)
	}
	return c.object([]byte("[]"))
}

// form encodes an object in the shape of the dialect.
func (c *company) form(reference, resource any) []byte {
	if c.options.Dialect == DialectResource {
		return encode(resource)
	}
	return encode(reference)
}

// countDefault is the number of objects in a list that says nothing of "count".
const countDefault = 100

// window is the part of a list that "count" and "offset" choose.
type window struct{ count, offset int }

// parseWindow reads "count" and "offset"; empty texts are the defaults.
func parseWindow(count, offset string) (window, error) {
	w := window{count: countDefault}
	if count != "" {
		n, err := strconv.ParseUint(count, 10, 31)
		if err != nil {
			return window{}, fmt.Errorf("count: %q is no uint", count)
		}
		w.count = int(n)
	}
	if offset != "" {
		n, err := strconv.ParseUint(offset, 10, 31)
		if err != nil {
			return window{}, fmt.Errorf("offset: %q is no uint", offset)
		}
		w.offset = int(n)
	}
	return w, nil
}

// cut returns what the window shows of a list.
func cut[T any](w window, list []T) []T {
	from := min(w.offset, len(list))
	return list[from:min(from+w.count, len(list))]
}

// parseDay reads an SQL date as the start of that day in Moscow.
func parseDay(text string) (time.Time, error) {
	t, err := time.ParseInLocation(time.DateOnly, text, moscow())
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no date", text)
	}
	return t, nil
}

// parseFlag reads "0" or "1"; the empty text is "0".
func parseFlag(text string) (bool, error) {
	switch text {
	case "", "0":
		return false, nil
	case "1":
		return true, nil
	default:
		return false, fmt.Errorf("%q is neither \"0\" nor \"1\"", text)
	}
}
