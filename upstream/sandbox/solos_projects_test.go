package sandbox_test

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

// projectIDs lists the projects a test keeps, in the order of the data (ids ascending).
func projectIDs(s *sandbox.Sandbox, keep func(*sandbox.Project) bool) []int64 {
	ids := []int64{}
	for _, p := range s.Data().Projects {
		if keep(p) {
			ids = append(ids, int64(p.ID))
		}
	}
	return ids
}

func isActive(p *sandbox.Project) bool { return !p.Deleted }

// field returns a dynamic field as a text, "" for null.
func field(p *sandbox.Project, name string) string {
	for _, f := range p.Fields {
		if f.Name == name && f.Value != nil {
			return fmt.Sprint(f.Value)
		}
	}
	return ""
}

func moscow(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation(time.DateTime, text, time.FixedZone("", 3*60*60))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func filterProjects(t *testing.T, s *sandbox.Sandbox, body string) any {
	t.Helper()
	return decode(t, send(t, solosRequest(t, s, http.MethodPost, projects+"/filter", body)))
}

func TestSolosWantsBothHeaders(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Projects: 3})
	tests := map[string]struct {
		token, secret string
		want          int
	}{
		"both":         {s.SolosToken(), s.SolosSecret(), http.StatusOK},
		"none":         {"", "", http.StatusUnauthorized},
		"token alone":  {s.SolosToken(), "", http.StatusUnauthorized},
		"secret alone": {"", s.SolosSecret(), http.StatusUnauthorized},
		"swapped":      {s.SolosSecret(), s.SolosToken(), http.StatusUnauthorized},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRequest(t, http.MethodGet, s.SolosURL()+projects, "")
			r.Header.Set("X-Crypto-Token", test.token)
			r.Header.Set("X-Crypto-Secret", test.secret)
			got := send(t, r)
			if got.status != test.want {
				t.Fatalf("got %d, want %d", got.status, test.want)
			}
			if message, ok := decodeText(t, got.body).(object); test.want != http.StatusOK && (!ok || message["error"] == nil) {
				t.Errorf("got %s, want an object with an error", got.body)
			}
		})
	}
}

func TestProjectList(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Managers: 2})
	active := projectIDs(s, isActive)
	deleted := projectIDs(s, func(p *sandbox.Project) bool { return p.Deleted })
	if len(deleted) == 0 || len(deleted) > len(active)/10 {
		t.Errorf("%d of %d projects are deleted, want about 5 %%", len(deleted), len(active))
	}
	tests := map[string][]int64{
		"":                                  active[:100],
		"?count=500":                        active,
		"?count=7&offset=20":                active[20:27],
		"?count=500&offset=370":             active[370:],
		"?offset=100000":                    {},
		"?count=0":                          {},
		"?count=500&deleted=1":              deleted,
		"?count=500&reverse=0&order_by=id":  active,
		"?count=3&reverse=1":                {active[len(active)-1], active[len(active)-2], active[len(active)-3]},
		"?count=1&reverse=1&order_by=id":    {5000000001},
		"?count=2&offset=1&deleted=1":       deleted[1:3],
		"?unknown=1&count=1":                active[:1],
		"?count=1&order_by=id&deleted=0":    active[:1],
		"?count=2&offset=379&deleted=0":     active[379:],
		"?count=1&offset=0&reverse=0":       active[:1],
		"?count=500&reverse=0&deleted=0":    active,
		"?order_by=id&count=100&offset=300": active[300:],
	}
	for query, want := range tests {
		got := integers(t, listOf(t, solos(t, s, projects+query)), "id")
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", query, diff)
		}
	}
}

func TestProjectOrder(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	number := func(text *string) float64 {
		if text == nil {
			return -1 // null comes first
		}
		var n float64
		if _, err := fmt.Sscan(*text, &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	lowest := func(ids []uint64) int64 {
		if len(ids) == 0 {
			return -1
		}
		return int64(slices.Min(ids))
	}
	optional := func(id *uint64) int64 {
		if id == nil {
			return -1
		}
		return int64(*id)
	}
	tests := map[string]func(a, b *sandbox.Project) int{
		"name":            func(a, b *sandbox.Project) int { return cmp.Compare(a.Name, b.Name) },
		"created":         func(a, b *sandbox.Project) int { return a.CreatedAt.Compare(b.CreatedAt) },
		"price":           func(a, b *sandbox.Project) int { return cmp.Compare(number(a.Price), number(b.Price)) },
		"sales_funnel_id": func(a, b *sandbox.Project) int { return cmp.Compare(a.SalesFunnelID, b.SalesFunnelID) },
		"step_id":         func(a, b *sandbox.Project) int { return cmp.Compare(a.StepID, b.StepID) },
		"user_id":         func(a, b *sandbox.Project) int { return cmp.Compare(optional(a.UserID), optional(b.UserID)) },
		"group_id":        func(a, b *sandbox.Project) int { return cmp.Compare(optional(a.GroupID), optional(b.GroupID)) },
		"currency_id":     func(a, b *sandbox.Project) int { return cmp.Compare(a.CurrencyID, b.CurrencyID) },
		"participants_user_id": func(a, b *sandbox.Project) int {
			return cmp.Compare(lowest(a.ParticipantUserIDs), lowest(b.ParticipantUserIDs))
		},
		"participants_group_id": func(a, b *sandbox.Project) int {
			return cmp.Compare(lowest(a.ParticipantGroupIDs), lowest(b.ParticipantGroupIDs))
		},
		"source": func(a, b *sandbox.Project) int { return cmp.Compare(field(a, "source"), field(b, "source")) },
		"contract_date": func(a, b *sandbox.Project) int {
			return cmp.Compare(field(a, "contract_date"), field(b, "contract_date"))
		},
		"client_id": func(a, b *sandbox.Project) int {
			// Numbers of whole digits: the longer is the higher.
			x, y := field(a, "client_id"), field(b, "client_id")
			return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y))
		},
	}
	for name, compare := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sorted := slices.Clone(s.Data().Projects)
			sorted = slices.DeleteFunc(sorted, func(p *sandbox.Project) bool { return p.Deleted })
			slices.SortStableFunc(sorted, compare)
			want := []int64{}
			for _, p := range sorted {
				want = append(want, int64(p.ID))
			}
			if diff := gocmp.Diff(want, integers(t, listOf(t, solos(t, s, projects+"?count=500&order_by="+name)), "id")); diff != "" {
				t.Errorf("ascending (-want +got):\n%s", diff)
			}
			slices.Reverse(want)
			if diff := gocmp.Diff(want, integers(t, listOf(t, solos(t, s, projects+"?count=500&reverse=1&order_by="+name)), "id")); diff != "" {
				t.Errorf("descending (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFilterConditions(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	among := func(ids []uint64, wanted ...uint64) bool {
		return slices.ContainsFunc(ids, func(id uint64) bool { return slices.Contains(wanted, id) })
	}
	is := func(id *uint64, wanted ...uint64) bool { return id != nil && slices.Contains(wanted, *id) }
	expired := func(p *sandbox.Project) bool {
		today := moscow(t, "2026-09-01 00:00:00")
		return slices.ContainsFunc(p.Checklists, func(l sandbox.Checklist) bool {
			return slices.ContainsFunc(l.Items, func(i sandbox.ChecklistItem) bool {
				return !i.Done && i.Deadline != nil && i.Deadline.Before(today)
			})
		})
	}
	created := func(from, before string) func(*sandbox.Project) bool {
		return func(p *sandbox.Project) bool {
			return (from == "" || !p.CreatedAt.Before(moscow(t, from))) && (before == "" || p.CreatedAt.Before(moscow(t, before)))
		}
	}
	// 2026-05-24 is where the data has a project at the first and one before the first second of a day.
	tests := map[string]struct {
		body string
		fits func(*sandbox.Project) bool
	}{
		"nothing":            {`{}`, func(*sandbox.Project) bool { return true }},
		"nothing, or":        {`{"condition":"or"}`, func(*sandbox.Project) bool { return true }},
		"php's empty object": {`{"having":null,"buildin_data":{},"data":{}}`, func(*sandbox.Project) bool { return true }},

		"having actions":            {`{"having":"actions"}`, func(p *sandbox.Project) bool { return len(p.Actions) > 0 }},
		"having payments":           {`{"having":"payments"}`, func(p *sandbox.Project) bool { return len(p.Payments) > 0 }},
		"having tasks":              {`{"having":"tasks"}`, func(p *sandbox.Project) bool { return p.TaskCount > 0 }},
		"having goods":              {`{"having":"goods"}`, func(p *sandbox.Project) bool { return len(p.Goods) > 0 }},
		"having no_actions":         {`{"having":"no_actions"}`, func(p *sandbox.Project) bool { return len(p.Actions) == 0 }},
		"having no_payments":        {`{"having":"no_payments"}`, func(p *sandbox.Project) bool { return len(p.Payments) == 0 }},
		"having no_tasks":           {`{"having":"no_tasks"}`, func(p *sandbox.Project) bool { return p.TaskCount == 0 }},
		"having no_goods":           {`{"having":"no_goods"}`, func(p *sandbox.Project) bool { return len(p.Goods) == 0 }},
		"having checklists_expired": {`{"having":"checklists_expired"}`, expired},

		"created":             {`{"buildin_data":{"created":"2026-05-01;2026-05-23"}}`, created("2026-05-01 00:00:00", "2026-05-24 00:00:00")},
		"created from":        {`{"buildin_data":{"created":"2026-05-24;"}}`, created("2026-05-24 00:00:00", "")},
		"created to":          {`{"buildin_data":{"created":";2026-05-23"}}`, created("", "2026-05-24 00:00:00")},
		"created at any time": {`{"buildin_data":{"created":";"}}`, created("", "")},
		"created one day":     {`{"buildin_data":{"created":"2026-05-24"}}`, created("2026-05-24 00:00:00", "2026-05-25 00:00:00")},
		"created to the second": {
			`{"buildin_data":{"created":"2026-05-23 23:59:59;2026-05-24 00:00:00"}}`, created("2026-05-23 23:59:59", "2026-05-24 00:00:01"),
		},

		"sales_funnel_id": {`{"buildin_data":{"sales_funnel_id":[1,3]}}`, func(p *sandbox.Project) bool { return is(&p.SalesFunnelID, 1, 3) }},
		"step_id":         {`{"buildin_data":{"step_id":[1,6,11]}}`, func(p *sandbox.Project) bool { return is(&p.StepID, 1, 6, 11) }},
		"user_id":         {`{"buildin_data":{"user_id":[2,4]}}`, func(p *sandbox.Project) bool { return is(p.UserID, 2, 4) }},
		"group_id":        {`{"buildin_data":{"group_id":[2]}}`, func(p *sandbox.Project) bool { return is(p.GroupID, 2) }},
		"one id alone":    {`{"buildin_data":{"group_id":2}}`, func(p *sandbox.Project) bool { return is(p.GroupID, 2) }},
		"no id":           {`{"buildin_data":{"group_id":[]}}`, func(*sandbox.Project) bool { return false }},
		"price":           {`{"buildin_data":{"price":100}}`, func(p *sandbox.Project) bool { return p.Price != nil && *p.Price == "100.00" }},
		"price as text":   {`{"buildin_data":{"price":"0100.0"}}`, func(p *sandbox.Project) bool { return p.Price != nil && *p.Price == "100.00" }},
		"price beyond floats": {`{"buildin_data":{"price":"9007199254740993.25"}}`, func(p *sandbox.Project) bool {
			return p.Price != nil && *p.Price == "9007199254740993.25"
		}},
		"currency_id": {`{"buildin_data":{"currency_id":[2,3]}}`, func(p *sandbox.Project) bool { return is(&p.CurrencyID, 2, 3) }},
		"participants_user_id": {`{"buildin_data":{"participants_user_id":[1,2]}}`, func(p *sandbox.Project) bool {
			return among(p.ParticipantUserIDs, 1, 2)
		}},
		"participants_group_id": {`{"buildin_data":{"participants_group_id":[4]}}`, func(p *sandbox.Project) bool {
			return among(p.ParticipantGroupIDs, 4)
		}},
		"actions_type_id": {`{"buildin_data":{"actions_type_id":[3,5]}}`, func(p *sandbox.Project) bool {
			return slices.ContainsFunc(p.Actions, func(a sandbox.Action) bool { return a.TypeID == 3 || a.TypeID == 5 })
		}},
		"good_id": {`{"buildin_data":{"good_id":[10,11,12]}}`, func(p *sandbox.Project) bool {
			return slices.ContainsFunc(p.Goods, func(g sandbox.Good) bool { return g.GoodID >= 10 && g.GoodID <= 12 })
		}},

		"customers": {`{"data":{"client_id":[4007190,"4007195"]}}`, func(p *sandbox.Project) bool {
			return field(p, "client_id") == "4007190" || field(p, "client_id") == "4007195"
		}},
		"one customer as text": {`{"data":{"client_id":"4007190"}}`, func(p *sandbox.Project) bool { return field(p, "client_id") == "4007190" }},
		"no customer":          {`{"data":{"client_id":null}}`, func(p *sandbox.Project) bool { return field(p, "client_id") == "" }},
		"no customer or one": {`{"data":{"client_id":[null,4007190]}}`, func(p *sandbox.Project) bool {
			return field(p, "client_id") == "" || field(p, "client_id") == "4007190"
		}},
		"dynamic text":   {`{"data":{"source":"Сайт"}}`, func(p *sandbox.Project) bool { return field(p, "source") == "Сайт" }},
		"dynamic number": {`{"data":{"probability":50}}`, func(p *sandbox.Project) bool { return field(p, "probability") == "50" }},
		"dynamic number, texts": {`{"data":{"probability":["50","60.0"]}}`, func(p *sandbox.Project) bool {
			return field(p, "probability") == "50" || field(p, "probability") == "60"
		}},
		"unknown dynamic field": {`{"data":{"nonsense":null}}`, func(*sandbox.Project) bool { return false }},

		"and": {`{"condition":"and","having":"actions","buildin_data":{"currency_id":[1],"sales_funnel_id":[1,2]},"data":{"source":"Сайт"}}`, func(p *sandbox.Project) bool {
			return len(p.Actions) > 0 && p.CurrencyID == 1 && p.SalesFunnelID < 3 && field(p, "source") == "Сайт"
		}},
		"and with customer": {`{"condition":"and","buildin_data":{"currency_id":[1]},"data":{"client_id":[4007190]}}`, func(p *sandbox.Project) bool {
			return p.CurrencyID == 1 && field(p, "client_id") == "4007190"
		}},
		"or": {`{"condition":"or","having":"goods","buildin_data":{"currency_id":[3],"step_id":[1]},"data":{"client_id":[4007190],"source":"Выставка"}}`, func(p *sandbox.Project) bool {
			return len(p.Goods) > 0 || p.CurrencyID == 3 || p.StepID == 1 || field(p, "client_id") == "4007190" || field(p, "source") == "Выставка"
		}},
	}
	fitsNone := map[string]bool{"no id": true, "unknown dynamic field": true}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := projectIDs(s, func(p *sandbox.Project) bool { return !p.Deleted && test.fits(p) })
			if len(want) == 0 && !fitsNone[name] {
				t.Error("no project of the data fits; the case shows nothing")
			}
			body := `{"count":500,` + strings.TrimPrefix(test.body, "{")
			body = strings.Replace(body, ",}", "}", 1)
			if diff := gocmp.Diff(want, integers(t, listOf(t, filterProjects(t, s, body)), "id")); diff != "" {
				t.Errorf("%s (-want +got):\n%s", body, diff)
			}
		})
	}
}

func TestFilterListing(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	fits := func(p *sandbox.Project) bool { return p.CurrencyID == 1 }
	active := projectIDs(s, func(p *sandbox.Project) bool { return !p.Deleted && fits(p) })
	deleted := projectIDs(s, func(p *sandbox.Project) bool { return p.Deleted && fits(p) })
	backwards := slices.Clone(active)
	slices.Reverse(backwards)
	tests := map[string][]int64{
		`"count":5`:                active[:5],
		`"count":"5","offset":"2"`: active[2:7],
		`"offset":1`:               active[1:101],
		`"count":4,"order_by":"id","reverse":"1"`: backwards[:4],
		`"count":4,"reverse":1`:                   backwards[:4],
		`"count":500,"deleted":"1"`:               deleted,
		`"count":500,"deleted":1`:                 deleted,
	}
	for parameters, want := range tests {
		got := integers(t, listOf(t, filterProjects(t, s, `{`+parameters+`,"buildin_data":{"currency_id":[1]}}`)), "id")
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", parameters, diff)
		}
	}
}

func TestSolosRefusesWrongParameters(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Projects: 3})
	for _, query := range []string{
		"?count=-1", "?count=x", "?offset=-1", "?order_by=nonsense", "?reverse=2", "?deleted=yes", "/info", "/info?id=-1",
		"/steps", "/steps?id=1&filter_date=21.05.2021", "/steps?id=1&filter_steps=1,2", "/actions?id=1&count=x",
		"/actions?id=1&filter_actions=a", "/actions?id=1&filter_id=x", "/actions/info?id=x", "/checklists", "/goods?id=x",
		"/payments?id=1&filter_type=2", "/payments?id=1&filter_type=0_1", "/payments?id=1&offset=x",
	} {
		if got := send(t, solosRequest(t, s, http.MethodGet, projects+query, "")); got.status != http.StatusBadRequest {
			t.Errorf("%s: got %d, want 400", query, got.status)
		}
	}
	for _, body := range []string{
		``, `[`, `{"builtin_data":{}}`, `{"condition":"xor"}`, `{"having":"nonsense"}`, `{"order_by":"nonsense"}`,
		`{"buildin_data":{"nonsense":[1]}}`, `{"buildin_data":{"created":"yesterday;"}}`, `{"buildin_data":{"created":1}}`,
		`{"buildin_data":{"price":[1,2]}}`, `{"buildin_data":{"user_id":"x"}}`, `{"data":{"source":{"a":1}}}`, `{"count":-1}`,
	} {
		if got := send(t, solosRequest(t, s, http.MethodPost, projects+"/filter", body)); got.status != http.StatusBadRequest {
			t.Errorf("%s: got %d, want 400", body, got.status)
		}
	}
}

func TestProjectInfo(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Projects: 30})
	resource := start(t, sandbox.Options{Projects: 30, Dialect: sandbox.DialectResource})
	list := listOf(t, solos(t, s, projects))
	if diff := gocmp.Diff(any(list[2]), solos(t, s, fmt.Sprintf("%s/info?id=%v", projects, list[2]["id"]))); diff != "" {
		t.Errorf("the project alone differs from the one in the list (-list +alone):\n%s", diff)
	}
	deleted := projectIDs(s, func(p *sandbox.Project) bool { return p.Deleted })[0]
	if got, ok := solos(t, s, fmt.Sprintf("%s/info?id=%d", projects, deleted)).(object); !ok || *integer(t, got["deleted"]) != 1 {
		t.Errorf("deleted project: got %v", got)
	}
	for _, path := range []string{"/info?id=999999", "/actions/info?id=999999"} {
		if got := send(t, solosRequest(t, s, http.MethodGet, projects+path, "")); got.status != http.StatusOK || string(got.body) != "[]" {
			t.Errorf("reference %s: got %d %s, want 200 []", path, got.status, got.body)
		}
		got := send(t, solosRequest(t, resource, http.MethodGet, projects+path, ""))
		if got.status != http.StatusNotFound || !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
			t.Errorf("resource %s: got %d %s, want a 404 page", path, got.status, got.body)
		}
	}
}

func TestEnvelopes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		options sandbox.Options
		// list and info are the answers to two of 28 active projects and to the first.
		list, info string
	}{
		"reference":           {sandbox.Options{}, `[P,P]`, `P`},
		"reference, totals":   {sandbox.Options{Totals: true}, `[P,P]`, `P`},
		"resource":            {sandbox.Options{Dialect: sandbox.DialectResource}, `{"payload":[P,P]}`, `{"payload":P}`},
		"resource, bare":      {sandbox.Options{Dialect: sandbox.DialectResource, Envelope: sandbox.EnvelopeBare}, `[P,P]`, `P`},
		"data with total":     {sandbox.Options{Envelope: sandbox.EnvelopeData, Totals: true}, `{"data":[P,P],"total":28}`, `{"data":P}`},
		"items with total":    {sandbox.Options{Envelope: sandbox.EnvelopeItems, Totals: true}, `{"items":[P,P],"total":28}`, `{"items":P}`},
		"result without":      {sandbox.Options{Envelope: sandbox.EnvelopeResult}, `{"result":[P,P]}`, `{"result":P}`},
		"payload, with total": {sandbox.Options{Envelope: sandbox.EnvelopePayload, Totals: true}, `{"payload":[P,P],"total":28}`, `{"payload":P}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.options.Projects = 30
			s := start(t, test.options)
			for path, want := range map[string]string{"?count=2": test.list, "/info?id=1": test.info} {
				got := stub(solos(t, s, projects+path))
				if diff := gocmp.Diff(decodeText(t, []byte(strings.ReplaceAll(want, "P", `"P"`))), got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", path, diff)
				}
			}
		})
	}
}

// stub puts "P" in the place of every project.
func stub(value any) any {
	switch value := value.(type) {
	case object:
		if value["id"] != nil {
			return "P"
		}
		for name := range value {
			value[name] = stub(value[name])
		}
	case []any:
		for i := range value {
			value[i] = stub(value[i])
		}
	}
	return value
}

func TestCustomerFieldAndBigCustomer(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{CustomerField: "proportal_id", BigCustomer: 250, Projects: 50})
	first := s.Data().Managers[0].Customers[0].ID
	got := listOf(t, filterProjects(t, s, fmt.Sprintf(`{"count":1000,"data":{"proportal_id":%d}}`, first)))
	deleted := listOf(t, filterProjects(t, s, fmt.Sprintf(`{"count":1000,"deleted":"1","data":{"proportal_id":%d}}`, first)))
	if n := len(got) + len(deleted); n != 250 {
		t.Errorf("the first customer has %d projects, want 250", n)
	}
	if n := len(s.Data().Projects); n != 300 {
		t.Errorf("got %d projects, want 250 beside the 50", n)
	}
}

func TestProjectsSpreadOverCustomers(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	known := map[int64]bool{}
	for _, c := range s.Data().Managers[0].Customers {
		known[c.ID] = true
	}
	counts := map[int64]int{}
	strangers, without := 0, 0
	for _, p := range s.Data().Projects {
		switch {
		case p.CustomerID == nil:
			without++
		case !known[*p.CustomerID]:
			strangers++
		default:
			counts[*p.CustomerID]++
		}
	}
	most := 0
	for _, n := range counts {
		most = max(most, n)
	}
	if most < 18 || most > 24 || strangers == 0 || without == 0 || len(counts) > 110 {
		t.Errorf("most %d (want about 20), %d of strangers, %d without customer, %d customers with projects", most, strangers, without, len(counts))
	}
}
