package sandbox_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

// known reads a text of the card, where four words mean null.
func known(t *testing.T, value any) *string {
	t.Helper()
	written := text(t, value)
	if written == nil {
		t.Fatal("the card writes words for null")
	}
	switch *written {
	case "Не указан", "Не указано", "Не указана", "Отсутствует":
		return nil
	}
	return written
}

// cardTime reads a day as YYYYMMDD or an instant as unix seconds.
func cardTime(t *testing.T, value any) *time.Time {
	t.Helper()
	written := known(t, value)
	if written == nil {
		return nil
	}
	if day, err := time.Parse("20060102", *written); err == nil {
		return &day
	}
	n, err := strconv.ParseInt(*written, 10, 64)
	if err != nil {
		t.Fatalf("no time: %v", value)
	}
	return new(time.Unix(n, 0).UTC())
}

func cardNumber(t *testing.T, value any) *int64 {
	t.Helper()
	if known(t, value) == nil {
		return nil
	}
	return integer(t, value)
}

func TestCompanyCards(t *testing.T) {
	t.Parallel()
	for _, s := range bothDialects(t, sandbox.Options{}) {
		for _, c := range s.Data().Managers[0].Customers {
			answer := portal(t, s, fmt.Sprintf("%scustomers/%d", workspace, c.ID)).(object)
			if data, ok := answer["data"].(object); ok {
				answer = data
			}
			proceed, dates := answer["proceed"].(object), answer["dates"].(object)
			want := customerFact{
				ID: c.ID, Valuation: c.Valuation, Name: c.Name, Industry: c.Industry,
				Period: c.RevenuePeriod, Amount: c.RevenueAmount, ContactAt: c.LastContactAt,
			}
			got := customerFact{
				ID: *integer(t, answer["id"]), Valuation: *integer(t, answer["valuation"]), Name: *text(t, answer["name"]),
				Industry: known(t, answer["industry"]), Period: known(t, proceed["period"]), Amount: known(t, proceed["amount"]),
				ContactAt: cardTime(t, dates["contact"]),
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("what the card of %d shares with the portfolio (-want +got):\n%s", c.ID, diff)
			}
			if diff := gocmp.Diff(c.Card, cardOf(t, answer)); diff != "" {
				t.Errorf("card of %d (-want +got):\n%s", c.ID, diff)
			}
		}
	}
}

func cardOf(t *testing.T, answer object) sandbox.Card {
	t.Helper()
	inside := func(names ...string) object {
		o := answer
		for _, name := range names {
			o = o[name].(object)
		}
		return o
	}
	texts := func(list any) []string {
		var read []string
		for _, item := range list.([]any) {
			read = append(read, *text(t, item))
		}
		return read
	}
	details, codes, okved := inside("details"), inside("details", "codes"), inside("details", "codes", "okved")
	contacts, address, director := inside("contacts"), inside("contacts", "address"), inside("contacts", "managers")
	dates, payroll := inside("dates"), inside("payroll")
	card := sandbox.Card{
		Office: known(t, answer["office"]), CompanyGroup: known(t, answer["company_group"]), Size: known(t, answer["size"]),
		Employees: cardNumber(t, answer["employees"]), Channel: known(t, answer["channel"]),
		Blacklisted: *integer(t, answer["blacklist"]) == 1,
		INN:         *text(t, details["inn"]), OGRN: *text(t, details["ogrn"]), OPF: known(t, details["opf"]),
		OkvedMain: known(t, okved["main"]), OkvedAll: texts(okved["all"]), Spark: known(t, codes["spark"]),
		KPP: known(t, codes["kpp"]), OKPO: known(t, codes["okpo"]), OKOPF: known(t, codes["okopf"]),
		OKTMO: known(t, codes["oktmo"]), OKFS: known(t, codes["okfs"]), OKOGU: known(t, codes["okogu"]), OKATO: known(t, codes["okato"]),
		PayrollBank: known(t, payroll["bank"]), PayrollFund: known(t, payroll["fot"]),
		RegisteredOn: cardTime(t, dates["registration"]), UpdatedAt: cardTime(t, dates["update"]),
		OpenedOn: cardTime(t, dates["open"]), ClosedOn: cardTime(t, dates["closed"]),
		Phones: texts(contacts["phones"]), Email: known(t, contacts["email"]), Website: known(t, contacts["website"]),
		RegistrationAddress: known(t, address["registration"]), ActualAddress: known(t, address["fact"]),
		MailAddress: known(t, address["mail"]), Region: known(t, address["region"]),
		DirectorName: known(t, director["name"]), DirectorPost: known(t, director["management_post"]), DirectorINN: known(t, director["inn"]),
		AuthorID: *integer(t, answer["author"]),
	}
	if dadata, ok := contacts["dadata"].(object); ok {
		geo := dadata["geo"].(object)
		card.Dadata = &sandbox.Dadata{
			Value: *text(t, dadata["value"]), PostalCode: *text(t, dadata["postal_code"]), City: *text(t, dadata["city"]),
			Region: *text(t, dadata["region"]), Latitude: *text(t, geo["latitude"]), Longitude: *text(t, geo["longitude"]),
		}
	}
	return card
}
