package sandbox

import (
	"fmt"
	"time"
)

// card makes the company card of a customer.
func (g *generator) card(c *Customer) Card {
	at := pick(g, regions())
	address := fmt.Sprintf("%s, %s, %s, %s, д %d", at.postal, at.name, at.city, pick(g, streets()), g.between(1, 90))
	registered := day(g.moment(g.ago(9000), g.ago(800)))
	okved := fmt.Sprintf("%d.%d", g.between(10, 96), g.between(10, 99))
	card := Card{
		Office:              maybe(g, 5, "ДО "+at.city),
		CompanyGroup:        maybe(g, 2, "Группа "+g.marker),
		Size:                maybe(g, 4, pick(g, []string{"Микро", "Малый", "Средний"})),
		Employees:           maybe(g, 4, g.between(1, 800)),
		Channel:             maybe(g, 3, pick(g, []string{"СПАРК", "Холодный звонок", "Партнер"})),
		Blacklisted:         g.chance(15),
		INN:                 g.digits(10),
		OGRN:                "1" + g.digits(12),
		OPF:                 maybe(g, 8, "Общество с ограниченной ответственностью"),
		OkvedMain:           maybe(g, 10, okved),
		Spark:               maybe(g, 3, g.digits(8)),
		KPP:                 maybe(g, 6, g.digits(9)),
		OKPO:                maybe(g, 6, g.digits(8)),
		OKOPF:               maybe(g, 6, "12300"),
		OKTMO:               maybe(g, 6, g.digits(11)),
		OKFS:                maybe(g, 6, "16"),
		OKOGU:               maybe(g, 6, "4210014"),
		OKATO:               maybe(g, 6, g.digits(11)),
		PayrollBank:         maybe(g, 2, "ПАО \"Росбанк\""),
		PayrollFund:         maybe(g, 2, kopecks(g.between(1_000_000, 900_000_000))),
		RegisteredOn:        maybe(g, 9, registered),
		UpdatedAt:           maybe(g, 5, g.moment(g.ago(200), g.options.Now)),
		OpenedOn:            maybe(g, 3, registered.AddDate(0, 1, 3)),
		Email:               maybe(g, 3, fmt.Sprintf("info@client%d.example", c.ID)),
		Website:             maybe(g, 2, fmt.Sprintf("https://client%d.example", c.ID)),
		RegistrationAddress: &address,
		ActualAddress:       maybe(g, 3, address),
		MailAddress:         maybe(g, 2, address),
		Region:              maybe(g, 8, at.name),
		DirectorName:        maybe(g, 4, pick(g, directorNames())),
		DirectorPost:        maybe(g, 4, "Генеральный директор"),
		DirectorINN:         maybe(g, 3, g.digits(12)),
		AuthorID:            pick(g, []int64{g.id, 1258}),
	}
	if card.OkvedMain != nil {
		card.OkvedAll = []string{okved}
	}
	if g.chance(2) {
		card.OkvedAll = append(card.OkvedAll, "62.01", "68.20")
	}
	if g.chance(30) {
		card.ClosedOn = new(day(g.moment(g.ago(300), g.ago(10))))
	}
	for range g.random.IntN(3) {
		card.Phones = append(card.Phones, fmt.Sprintf("+7 (%s) %s-%s", g.digits(3), g.digits(3), g.digits(4)))
	}
	if !g.chance(4) {
		card.Dadata = &Dadata{
			Value: address, PostalCode: at.postal, City: at.city, Region: at.name,
			Latitude: at.latitude, Longitude: at.longitude,
		}
	}
	return card
}

// day returns the start of an instant's day in UTC.
func day(t time.Time) time.Time {
	year, month, date := t.UTC().Date()
	return time.Date(year, month, date, 0, 0, 0, 0, time.UTC)
}
