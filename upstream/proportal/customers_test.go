package proportal

import (
	"encoding/json"
	"testing"
	"time"

	"crmgraph/upstream"
)

func TestGetCustomer(t *testing.T) {
	t.Parallel()
	full := &Card{
		ID:            4007195,
		Name:          `ООО "ВЫХЛОПНЫЕ СИСТЕМЫ"`,
		Valuation:     new(12),
		Industry:      new("Торговля оптовая автомобильными деталями, узлами и принадлежностями"),
		Revenue:       &Revenue{Period: new("2017"), Amount: new(upstream.Decimal("2279000"))},
		Office:        new("ДО «Центральный»"),
		Size:          new("Малый бизнес"),
		Employees:     new("24"),
		IsBlacklisted: new(false),
		AuthorID:      new(int64(1258)),
		INN:           new("7707083893"),
		OGRN:          new("1027700132195"),
		OPF:           new("ООО"),
		Codes: CardCodes{
			OKVED: new("45.31"), OKVEDAll: []string{"45.31", "45.32"}, SPARK: new("123456"), KPP: new("770701001"),
			OKPO: new("00032537"), OKOPF: new("12300"), OKTMO: new("45379000"), OKFS: new("16"), OKOGU: new("4210014"),
		},
		Payroll: CardPayroll{Bank: new("Росбанк"), Fund: new(upstream.Decimal("1250000.50"))},
		Dates: CardDates{
			Registration: new(upstream.Date("2015-03-12")),
			Updated:      new(upstream.Date("2018-01-01")),
			Contact:      new(upstream.Date("2018-11-08")), // 23:59:59 in Moscow
			Opened:       new(upstream.Date("2018-11-09")), // a second later
		},
		Contacts: CardContacts{
			Phones:    []string{"+7 495 123-45-67", "84951234568"},
			Email:     new("info@example.test"),
			Addresses: CardAddresses{Registration: new("Москва, ул. Ленина, 1"), Actual: new("Москва, ул. Мира, 2"), Region: new("Москва")},
			Managers:  []*CardManager{{Name: new("Иванов Иван"), Post: new("Генеральный директор"), INN: new("770700000001")}},
			City:      new("Москва"),
			Region:    new("г Москва"),
			Latitude:  new(upstream.Decimal("55.7558")),
			Longitude: new(upstream.Decimal("37.6173")),
		},
		Extra: json.RawMessage(`{"contacts":{"dadata":{"postal_code":"115191","geo":{"precision":0}}},"segment":{"code":"SME"}}`),
	}
	card := sample(t, "customer_card.json")
	bare := &Card{ID: 7, Name: "A"}
	tests := []struct {
		name string
		body string
		want *Card
	}{
		{"full", card, full},
		{"full in an envelope", `{"data":` + card + `}`, full},
		{"full in a list of one", `[` + card + `]`, full},
		{"bare", `{"id":7,"name":"A"}`, bare},
		{"nothing known", `{"id":7,"name":"A","office":"Не указан","blacklist":"Не указано","author":"Не указан","valuation":"Не указана","proceed":"Не указано",
			"details":{"inn":"Не указан","codes":"Отсутствует"},"payroll":[],"dates":{"registration":"Не указана","update":0,"contact":"","open":null,"closed":"00000000"},
			"contacts":{"phones":"Отсутствует","address":null,"managers":{"name":"Не указан","management_post":"Не указана","inn":null},"dadata":{"geo":{"latitude":null,"longitude":"Не указано"}}}}`, bare},
		{
			"in the words of the portfolio", `{"client_id":7,"name":"A","priority":5,"okved_vid_deyatelnosti":"x","vyruchka_za_god":"1","vyruchka_period":"2017"}`,
			&Card{ID: 7, Name: "A", Valuation: new(5), Industry: new("x"), Revenue: &Revenue{Period: new("2017"), Amount: new(upstream.Decimal("1"))}},
		},
		{"one phone and no list", `{"id":7,"name":"A","contacts":{"phones":"+7"}}`, &Card{ID: 7, Name: "A", Contacts: CardContacts{Phones: []string{"+7"}}}},
		{
			"list of directors", `{"id":7,"name":"A","contacts":{"managers":[{"name":"Б","age":50},{"name":"Не указан"},{"inn":77}]}}`,
			&Card{
				ID: 7, Name: "A", Contacts: CardContacts{Managers: []*CardManager{{Name: new("Б")}, {INN: new("77")}}},
				Extra: json.RawMessage(`{"contacts":{"managers":[{"age":50},{},{}]}}`),
			},
		},
		{
			"unknown member of the director", `{"id":7,"name":"A","contacts":{"managers":{"name":"Б","age":50}}}`,
			&Card{
				ID: 7, Name: "A", Contacts: CardContacts{Managers: []*CardManager{{Name: new("Б")}}},
				Extra: json.RawMessage(`{"contacts":{"managers":{"age":50}}}`),
			},
		},
		{
			"unknown members of every object", `{"id":7,"a":1,"name":"A","proceed":{"b":2},"details":{"c":3,"codes":{"d":4,"okved":{"e":5}}},"payroll":{"f":6},"dates":{"g":7},
			"contacts":{"h":8,"address":{"i":9},"dadata":{"j":10,"geo":{"k":11}}}}`,
			&Card{ID: 7, Name: "A", Extra: json.RawMessage(`{"a":1,"proceed":{"b":2},"details":{"c":3,"codes":{"d":4,"okved":{"e":5}}},"payroll":{"f":6},"dates":{"g":7},` +
				`"contacts":{"h":8,"address":{"i":9},"dadata":{"j":10,"geo":{"k":11}}}}`)},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := viewerOf(t, test.body).GetCustomer(t.Context(), 7)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, got, test.want)
		})
	}
}

func TestCardDaysAreInTheZoneOfTheCRM(t *testing.T) {
	t.Parallel()
	viewer := viewerOf(t, `{"id":7,"name":"A","dates":{"contact":1541710800}}`)
	viewer.client.zone = time.UTC
	got, err := viewer.GetCustomer(t.Context(), 7)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, &Card{ID: 7, Name: "A", Dates: CardDates{Contact: new(upstream.Date("2018-11-08"))}})
}

func TestUnreadableCards(t *testing.T) {
	t.Parallel()
	tests := map[string]string{ // the unreadable member -> the field named
		`"details":"x"`:                                  "details",
		`"details":{"inn":{}}`:                           "details.inn",
		`"details":{"codes":{"okved":{"main":[]}}}`:      "details.codes.okved.main",
		`"details":{"codes":{"okved":{"all":["1",{}]}}}`: "details.codes.okved.all[1]",
		`"payroll":{"fot":"много"}`:                      "payroll.fot",
		`"dates":{"registration":"20151312"}`:            "dates.registration",
		`"dates":{"registration":2015}`:                  "dates.registration",
		`"dates":{"update":-1}`:                          "dates.update",
		`"dates":{"contact":253402300800}`:               "dates.contact",
		`"dates":{"open":253402300799}`:                  "dates.open",
		`"dates":{"closed":"12.03.2015"}`:                "dates.closed",
		`"contacts":{"phones":[{}]}`:                     "contacts.phones[0]",
		`"contacts":{"address":{"fact":[]}}`:             "contacts.address.fact",
		`"contacts":{"managers":[5]}`:                    "contacts.managers[0]",
		`"contacts":{"managers":{"name":{}}}`:            "contacts.managers.name",
		`"contacts":{"dadata":{"geo":{"latitude":"x"}}}`: "contacts.dadata.geo.latitude",
		`"blacklist":"может быть"`:                       "blacklist",
		`"author":"Иванов"`:                              "author",
		`"proceed":{"amount":[]}`:                        "proceed.amount",
	}
	for _, field := range []string{"office", "company_group", "size", "employees", "industry", "channel", "valuation", "blacklist", "author"} {
		tests[`"`+field+`":{"a":1}`] = field
	}
	for member, field := range tests {
		t.Run(member, func(t *testing.T) {
			t.Parallel()
			_, err := viewerOf(t, `{"id":7,"name":"A",`+member+`}`).GetCustomer(t.Context(), 7)
			malformed(t, err, GetCustomerCall, field)
		})
	}
}
