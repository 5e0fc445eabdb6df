package sandbox

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"

	"crmgraph/upstream"
	"crmgraph/upstream/proportal"
)

// proPortal answers as ProPortal does.
type proPortal struct {
	options  Options
	tokens   *tokenIssuer
	managers map[int64]*atomic.Pointer[portalManager]
	routes   []route[proPortalHandler]
}

// proPortalHandler answers a request whose token, where one is needed, is good.
type proPortalHandler func(*proPortal, proPortalRequest) answer

// proPortalRequest is a request with what the routing found out.
type proPortalRequest struct {
	*http.Request
	// manager is whose token was sent; nil at login.
	manager *portalManager
	// id is the {id} of the path; no object has number 0.
	id    int64
	query url.Values
}

func newProPortal(o Options, data *Data, tokens *tokenIssuer) *proPortal {
	p := &proPortal{options: o, tokens: tokens, managers: map[int64]*atomic.Pointer[portalManager]{}, routes: proPortalRoutes()}
	for _, m := range data.Managers {
		p.managers[m.ID] = &atomic.Pointer[portalManager]{}
		p.managers[m.ID].Store(newPortalManager(m, o.Dialect))
	}
	return p
}

func proPortalRoutes() []route[proPortalHandler] {
	countOnly := func(q url.Values) bool { return q.Get("count") == "1" }
	withStatus := func(q url.Values) bool { return q.Get("status") != "" }
	return []route[proPortalHandler]{
		{call: proportal.LoginCall, handle: (*proPortal).login},
		{call: proportal.ListGroupsCall, handle: (*proPortal).groups},
		{call: proportal.GetGroupCall, handle: (*proPortal).group},
		{call: proportal.CountPortfolioCall, when: countOnly, handle: (*proPortal).portfolioCount},
		{call: proportal.ListPortfolioCall, handle: (*proPortal).portfolio},
		{call: proportal.ListTasksCall, when: withStatus, handle: (*proPortal).tasks},
		{call: proportal.GetTaskBoardCall, handle: (*proPortal).taskBoard},
		{call: proportal.GetTaskCall, observed: true, handle: (*proPortal).task},
		{call: proportal.GetCustomerCall, observed: true, handle: (*proPortal).customer},
		{call: proportal.ListCustomerTasksCall, observed: true, handle: (*proPortal).customerTasks},
		{call: proportal.ListGroupCustomersCall, observed: true, handle: (*proPortal).groupCustomers},
	}
}

// route finds the endpoint of a request.
func (p *proPortal) route(r *http.Request) (upstream.Call, func([]byte) answer) {
	notFound := func([]byte) answer { return htmlStatus(http.StatusNotFound) }
	path, inside := strings.CutPrefix(r.URL.Path, proPortalBase+"/")
	found, id, ok := match(p.routes, r, path)
	if !inside || !ok {
		return unknownCall(upstream.ProPortal), notFound
	}
	if found.observed && p.options.DocumentedOnly {
		return found.call, notFound
	}
	return found.call, func([]byte) answer {
		request := proPortalRequest{Request: r, query: r.URL.Query()}
		if found.call != proportal.LoginCall {
			if request.manager = p.authenticate(r); request.manager == nil {
				return proPortalUnauthorized()
			}
		}
		request.id, _ = strconv.ParseInt(id, 10, 64)
		return found.handle(p, request)
	}
}

// manager returns a manager as of now, nil if there is none.
func (p *proPortal) manager(id int64) *portalManager {
	if shown, ok := p.managers[id]; ok {
		return shown.Load()
	}
	return nil
}

// list answers with encoded objects: a bare array, or below "data" in the resource dialect.
func (p *proPortal) list(items [][]byte) answer { return p.object(join(items)) }

// object answers with one encoded value: bare, or below "data" in the resource dialect.
func (p *proPortal) object(value []byte) answer {
	if p.options.Dialect == DialectResource {
		value = wrap("data", value, nil)
	}
	return jsonBody(value)
}

// oneOf reads a parameter that has only a few values; without it the answer is fallback.
func oneOf(q url.Values, name, fallback string, values ...string) (string, *answer) {
	if !q.Has(name) || q.Get(name) == "" {
		return fallback, nil
	}
	for _, v := range values {
		if q.Get(name) == v {
			return v, nil
		}
	}
	// Laravel's validation, which no reference describes: a wrong word shall not pass for none.
	refused := jsonStatus(http.StatusUnprocessableEntity, map[string][]string{name: {"The selected " + name + " is invalid."}})
	return "", &refused
}
