package proportal_test

import (
	"errors"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/sandbox"
)

// inBothDialects runs test over a sandbox of each dialect, as its first manager.
func inBothDialects(t *testing.T, test func(t *testing.T, v *proportal.ViewerClient, manager *sandbox.Manager)) {
	t.Helper()
	for _, dialect := range []sandbox.Dialect{sandbox.DialectReference, sandbox.DialectResource} {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			crm, client := start(t, sandbox.Options{Dialect: dialect})
			test(t, client.As(proportal.Identity{Token: crm.Token(crm.ManagerIDs()[0])}), crm.Data().Managers[0])
		})
	}
}

func start(t *testing.T, options sandbox.Options) (*sandbox.Sandbox, *proportal.Client) {
	t.Helper()
	crm, err := sandbox.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := crm.Close(); err != nil {
			t.Error(err)
		}
	})
	client, err := proportal.New(crm.ProPortalURL(), proportal.Options{Now: crm.Now})
	if err != nil {
		t.Fatal(err)
	}
	return crm, client
}

func ok[T any](t *testing.T) func(value T, err error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// wantTask has the facts of a task that both dialects tell.
func wantTask(task *sandbox.Task) *proportal.Task {
	if task == nil {
		return nil
	}
	want := &proportal.Task{
		ID:        task.ID,
		Customer:  &proportal.TaskCustomer{ID: task.CustomerID},
		Status:    proportal.TaskStatus(task.Status),
		Type:      new(proportal.TaskCall),
		CreatedAt: new(task.CreatedAt.UTC()),
		StartsAt:  new(task.StartsAt.UTC()),
		Comment:   task.Comment,
	}
	if task.Type == sandbox.TaskMeeting {
		want.Type = new(proportal.TaskMeeting)
	}
	if task.Result != nil {
		want.Result = &proportal.TaskResult{Code: int(*task.Result), UserID: task.ResultUserID}
	}
	return want
}

// common leaves of a task what both dialects tell.
func common(task *proportal.Task) *proportal.Task {
	if task == nil {
		return nil
	}
	left := &proportal.Task{
		ID: task.ID, Status: task.Status, Type: task.Type, CreatedAt: task.CreatedAt, StartsAt: task.StartsAt, Comment: task.Comment,
	}
	if task.Customer != nil {
		left.Customer = &proportal.TaskCustomer{ID: task.Customer.ID}
	}
	if task.Result != nil {
		left.Result = &proportal.TaskResult{Code: task.Result.Code, UserID: task.Result.UserID}
	}
	return left
}

func sameTasks(t *testing.T, got []*proportal.Task, want []*sandbox.Task) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d tasks, want %d", len(got), len(want))
	}
	for i := range got {
		same(t, common(got[i]), wantTask(want[i]))
	}
}

func wantCustomer(customer *sandbox.Customer) *proportal.Customer {
	want := &proportal.Customer{
		ID:        customer.ID,
		Name:      customer.Name,
		Valuation: new(int(customer.Valuation)),
		Industry:  customer.Industry,
	}
	if customer.LastResult != nil || customer.LastContactAt != nil {
		want.LastActivity = &proportal.Activity{Result: customer.LastResult}
		if customer.LastContactAt != nil {
			want.LastActivity.At = new(customer.LastContactAt.UTC())
		}
	}
	want.Revenue = wantRevenue(customer)
	return want
}

func wantRevenue(customer *sandbox.Customer) *proportal.Revenue {
	if customer.RevenuePeriod == nil && customer.RevenueAmount == nil {
		return nil
	}
	return &proportal.Revenue{Period: customer.RevenuePeriod, Amount: (*upstream.Decimal)(customer.RevenueAmount)}
}

func sameCustomers(t *testing.T, got []*proportal.Customer, want []*sandbox.Customer) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d customers, want %d", len(got), len(want))
	}
	for i, customer := range got {
		if customer.HasLastTask {
			same(t, common(customer.LastTask), wantTask(want[i].LastTask()))
		}
		left := *customer
		left.HasLastTask, left.LastTask, left.Tasks = false, nil, nil
		same(t, &left, wantCustomer(want[i]))
	}
}

func tasksOf(manager *sandbox.Manager, status sandbox.TaskStatus) []*sandbox.Task {
	var tasks []*sandbox.Task
	for _, task := range manager.Tasks {
		if task.Status == status {
			tasks = append(tasks, task)
		}
	}
	return tasks
}

func TestSandboxGroups(t *testing.T) {
	t.Parallel()
	inBothDialects(t, func(t *testing.T, v *proportal.ViewerClient, manager *sandbox.Manager) {
		var active []int64
		for _, group := range manager.Groups {
			if group.ActiveCount > 0 {
				active = append(active, group.ID)
			}
			got := ok[*proportal.Group](t)(v.GetGroup(t.Context(), group.ID))
			want := &proportal.Group{
				ID: group.ID, Name: group.Name, Description: &group.Description, Valuation: new(int(group.Valuation)),
				CustomersCount: new(int(group.ActiveCount)), AuthorID: &group.AuthorID, CreatedAt: new(group.CreatedAt.UTC()),
			}
			same(t, got, want)
		}
		for _, opts := range []proportal.GroupsOptions{{}, {Status: proportal.GroupActive, Count: proportal.GroupActive}} {
			var got []int64
			for _, group := range ok[[]*proportal.Group](t)(v.ListGroups(t.Context(), opts)) {
				got = append(got, group.ID)
			}
			same(t, got, active)
		}
		_, err := v.GetGroup(t.Context(), 999_999_999)
		if !errors.Is(err, upstream.NotFound) {
			t.Errorf("unknown group: got %v, want not found", err)
		}
	})
}

func TestSandboxPortfolio(t *testing.T) {
	t.Parallel()
	inBothDialects(t, func(t *testing.T, v *proportal.ViewerClient, manager *sandbox.Manager) {
		same(t, ok[int](t)(v.CountPortfolio(t.Context())), len(manager.Customers))

		var all []*proportal.Customer
		for number := 1; number <= 3; number++ {
			page := ok[*proportal.PortfolioPage](t)(v.ListPortfolio(t.Context(), proportal.PortfolioOptions{Page: number}))
			all = append(all, page.Customers...)
			page.Customers = nil
			same(t, page, &proportal.PortfolioPage{Page: number, PerPage: 50, Total: 120})
		}
		sameCustomers(t, all, manager.Customers)

		beyond := ok[*proportal.PortfolioPage](t)(v.ListPortfolio(t.Context(), proportal.PortfolioOptions{Page: 4, PerPage: 40}))
		same(t, beyond, &proportal.PortfolioPage{Customers: []*proportal.Customer{}, Page: 4, PerPage: 40, Total: 120})

		for _, status := range []sandbox.TaskStatus{sandbox.TaskPlanned, sandbox.TaskCompleted, sandbox.TaskOverdue} {
			var want []*sandbox.Customer
			for _, customer := range manager.Customers {
				if len(customer.TasksOf(status)) > 0 {
					want = append(want, customer)
				}
			}
			opts := proportal.PortfolioOptions{PerPage: 200, Tasks: proportal.TaskStatus(status)}
			page := ok[*proportal.PortfolioPage](t)(v.ListPortfolio(t.Context(), opts))
			sameCustomers(t, page.Customers, want)
			for i, customer := range page.Customers {
				switch {
				case customer.Tasks != nil:
					sameTasks(t, customer.Tasks, want[i].TasksOf(status))
				case !customer.HasLastTask:
					t.Errorf("customer %d came with no task at all", customer.ID)
				}
			}
		}
	})
}

func TestSandboxGroupCustomers(t *testing.T) {
	t.Parallel()
	inBothDialects(t, func(t *testing.T, v *proportal.ViewerClient, manager *sandbox.Manager) {
		customers := map[int64]*sandbox.Customer{}
		for _, customer := range manager.Customers {
			customers[customer.ID] = customer
		}
		for _, group := range manager.Groups {
			for _, status := range []proportal.TaskStatus{"", proportal.TaskPlanned, proportal.TaskCompleted} {
				var want []*sandbox.Customer
				for _, id := range group.CustomerIDs {
					if customer := customers[id]; status == "" || len(customer.TasksOf(sandbox.TaskStatus(status))) > 0 {
						want = append(want, customer)
					}
				}
				sameCustomers(t, ok[[]*proportal.Customer](t)(v.ListGroupCustomers(t.Context(), group.ID, status)), want)
			}
		}
	})
}

func TestSandboxTasks(t *testing.T) {
	t.Parallel()
	inBothDialects(t, func(t *testing.T, v *proportal.ViewerClient, manager *sandbox.Manager) {
		board := ok[*proportal.TaskBoard](t)(v.GetTaskBoard(t.Context()))
		sameTasks(t, board.Planned, tasksOf(manager, sandbox.TaskPlanned))
		sameTasks(t, board.Completed, tasksOf(manager, sandbox.TaskCompleted)[:10])
		sameTasks(t, board.Overdue, tasksOf(manager, sandbox.TaskOverdue))
		for _, status := range []sandbox.TaskStatus{sandbox.TaskPlanned, sandbox.TaskCompleted, sandbox.TaskOverdue} {
			sameTasks(t, ok[[]*proportal.Task](t)(v.ListTasks(t.Context(), proportal.TaskStatus(status))), tasksOf(manager, status))
		}
		for _, task := range manager.Tasks[:50] {
			same(t, common(ok[*proportal.Task](t)(v.GetTask(t.Context(), task.ID))), wantTask(task))
		}
		for _, customer := range manager.Customers[:20] {
			sameTasks(t, ok[[]*proportal.Task](t)(v.ListCustomerTasks(t.Context(), customer.ID)), customer.Tasks)
		}
	})
}

func day(at *time.Time, zone *time.Location) *upstream.Date {
	if at == nil {
		return nil
	}
	return new(upstream.DateOf(at.In(zone)))
}

func TestSandboxCards(t *testing.T) {
	t.Parallel()
	moscow := ok[*time.Location](t)(time.LoadLocation("Europe/Moscow"))
	inBothDialects(t, func(t *testing.T, v *proportal.ViewerClient, manager *sandbox.Manager) {
		for _, customer := range manager.Customers {
			card := customer.Card
			want := &proportal.Card{
				ID: customer.ID, Name: customer.Name, Valuation: new(int(customer.Valuation)), Industry: customer.Industry, Revenue: wantRevenue(customer),
				Office: card.Office, CompanyGroup: card.CompanyGroup, Size: card.Size, Channel: card.Channel, IsBlacklisted: &card.Blacklisted,
				AuthorID: &card.AuthorID, INN: &card.INN, OGRN: &card.OGRN, OPF: card.OPF,
				Codes: proportal.CardCodes{
					OKVED: card.OkvedMain, OKVEDAll: card.OkvedAll, SPARK: card.Spark, KPP: card.KPP, OKPO: card.OKPO, OKOPF: card.OKOPF,
					OKTMO: card.OKTMO, OKFS: card.OKFS, OKOGU: card.OKOGU, OKATO: card.OKATO,
				},
				Payroll: proportal.CardPayroll{Bank: card.PayrollBank, Fund: (*upstream.Decimal)(card.PayrollFund)},
				Dates: proportal.CardDates{
					Registration: day(card.RegisteredOn, time.UTC), Updated: day(card.UpdatedAt, moscow), Contact: day(customer.LastContactAt, moscow),
					Opened: day(card.OpenedOn, time.UTC), Closed: day(card.ClosedOn, time.UTC),
				},
				Contacts: proportal.CardContacts{
					Phones: card.Phones, Email: card.Email, Website: card.Website,
					Addresses: proportal.CardAddresses{
						Registration: card.RegistrationAddress, Actual: card.ActualAddress, Mail: card.MailAddress, Region: card.Region,
					},
				},
			}
			if card.Employees != nil {
				want.Employees = new(strconv.FormatInt(*card.Employees, 10))
			}
			if card.DirectorName != nil || card.DirectorPost != nil || card.DirectorINN != nil {
				want.Contacts.Managers = []*proportal.CardManager{{Name: card.DirectorName, Post: card.DirectorPost, INN: card.DirectorINN}}
			}
			if dadata := card.Dadata; dadata != nil {
				want.Contacts.City, want.Contacts.Region = &dadata.City, &dadata.Region
				want.Contacts.Latitude = new(upstream.Decimal(dadata.Latitude))
				want.Contacts.Longitude = new(upstream.Decimal(dadata.Longitude))
			}
			got := ok[*proportal.Card](t)(v.GetCustomer(t.Context(), customer.ID))
			got.Extra = nil // what dadata tells beyond the four
			same(t, got, want)
		}
	})
}

func TestSandboxLogin(t *testing.T) {
	t.Parallel()
	crm, client := start(t, sandbox.Options{Managers: 2})
	for i, id := range crm.ManagerIDs() {
		token, at, err := client.Login(t.Context(), http.Header{"Cookie": {"sandbox_sso=" + strconv.FormatInt(id, 10)}})
		if err != nil {
			t.Fatal(err)
		}
		if since := time.Since(at); since < -time.Minute || since > time.Minute {
			t.Errorf("issued at %v, want a time near now", at)
		}
		page := ok[*proportal.PortfolioPage](t)(client.As(proportal.Identity{Token: token}).ListPortfolio(t.Context(), proportal.PortfolioOptions{}))
		same(t, page.Customers[0].ID, crm.Data().Managers[i].Customers[0].ID)
	}
	for name, header := range map[string]http.Header{
		"nobody":        nil,
		"broken token":  {"Authorization": {"Bearer abc"}},
		"expired token": {"Authorization": {"Bearer " + crm.TokenValidFor(2, -time.Hour)}},
	} {
		if _, _, err := client.Login(t.Context(), header); !errors.Is(err, upstream.Unauthenticated) {
			t.Errorf("%s: got %v, want unauthenticated", name, err)
		}
	}
	if _, err := client.As(proportal.Identity{Token: crm.TokenValidFor(2, -time.Hour)}).ListTasks(t.Context(), proportal.TaskPlanned); !errors.Is(err, upstream.Unauthenticated) {
		t.Errorf("expired token: got %v, want unauthenticated", err)
	}
}

func TestSandboxFaults(t *testing.T) {
	t.Parallel()
	crm, _ := start(t, sandbox.Options{})
	viewer := func(timeout time.Duration) *proportal.ViewerClient {
		client := ok[*proportal.Client](t)(proportal.New(crm.ProPortalURL(), proportal.Options{
			CallerOptions: upstream.CallerOptions{Timeout: timeout, MaxBody: 1 << 20},
		}))
		return client.As(proportal.Identity{Token: crm.Token(crm.ManagerIDs()[0])})
	}
	// Only what never comes is not waited for, however slow the machine.
	patient, hasty := viewer(time.Minute), viewer(100*time.Millisecond)
	tests := []struct {
		fault sandbox.Fault
		want  upstream.Kind
	}{
		{sandbox.Fault{Kind: sandbox.FaultStatus, Status: 401}, upstream.Unauthenticated},
		{sandbox.Fault{Kind: sandbox.FaultStatus, Status: 403}, upstream.Forbidden},
		{sandbox.Fault{Kind: sandbox.FaultStatus, Status: 404}, upstream.NotFound},
		{sandbox.Fault{Kind: sandbox.FaultStatus, Status: 429}, upstream.RateLimited},
		{sandbox.Fault{Kind: sandbox.FaultStatus, Status: 500}, upstream.Unavailable},
		{sandbox.Fault{Kind: sandbox.FaultHang}, upstream.Timeout},
		{sandbox.Fault{Kind: sandbox.FaultRefuse}, upstream.Unavailable},
		{sandbox.Fault{Kind: sandbox.FaultReset}, upstream.Unavailable},
		{sandbox.Fault{Kind: sandbox.FaultTruncate}, upstream.Unavailable},
		{sandbox.Fault{Kind: sandbox.FaultPHPError}, upstream.Malformed},
		{sandbox.Fault{Kind: sandbox.FaultHTML}, upstream.Malformed},
		{sandbox.Fault{Kind: sandbox.FaultEmptyArray}, upstream.NotFound},
		{sandbox.Fault{Kind: sandbox.FaultHuge}, upstream.Malformed},
		{sandbox.Fault{Kind: sandbox.FaultGarbage}, upstream.Malformed},
		{sandbox.Fault{Kind: sandbox.FaultRedirect, Location: crm.SolosURL()}, upstream.Malformed},
		{sandbox.Fault{Kind: sandbox.FaultSlowBody, Delay: time.Hour}, upstream.Timeout},
	}
	for _, test := range tests {
		crm.Reset()
		crm.SetFault("proportal.customer", test.fault)
		viewer := patient
		if test.want == upstream.Timeout {
			viewer = hasty
		}
		if _, err := viewer.GetCustomer(t.Context(), 4007195); !errors.Is(err, test.want) {
			t.Errorf("%s %d: got %v, want %s", test.fault.Kind, test.fault.Status, err, test.want)
		}
		same(t, crm.Calls(), map[string]int{"proportal.customer": 1})
	}
}
