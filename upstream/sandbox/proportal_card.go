package sandbox

import (
	"net/http"
	"strconv"
	"time"
)

// The words the company card has for null, by the gender of what is absent.
const (
	absentMasculine = "Не указан"
	absentNeuter    = "Не указано"
	absentFeminine  = "Не указана"
	absentAtAll     = "Отсутствует"
)

// customerCard is the company card. The fields typed any hold a number, or a word for null.
type customerCard struct {
	ID           int64        `json:"id"`
	Name         string       `json:"name"`
	Office       string       `json:"office"`
	CompanyGroup string       `json:"company_group"`
	Size         string       `json:"size"`
	Employees    any          `json:"employees"`
	Industry     string       `json:"industry"`
	Channel      string       `json:"channel"`
	Valuation    int64        `json:"valuation"`
	Blacklist    int64        `json:"blacklist"`
	Proceed      cardProceed  `json:"proceed"`
	Details      cardDetails  `json:"details"`
	Payroll      cardPayroll  `json:"payroll"`
	Dates        cardDates    `json:"dates"`
	Contacts     cardContacts `json:"contacts"`
	Author       int64        `json:"author"`
}

type cardProceed struct {
	Period string `json:"period"`
	Amount string `json:"amount"`
}

type cardDetails struct {
	INN   string    `json:"inn"`
	OGRN  string    `json:"ogrn"`
	OPF   string    `json:"opf"`
	Codes cardCodes `json:"codes"`
}

type cardCodes struct {
	Okved cardOkved `json:"okved"`
	Spark string    `json:"spark"`
	KPP   string    `json:"kpp"`
	OKPO  string    `json:"okpo"`
	OKOPF string    `json:"okopf"`
	OKTMO string    `json:"oktmo"`
	OKFS  string    `json:"okfs"`
	OKOGU string    `json:"okogu"`
	OKATO string    `json:"okato"`
}

type cardOkved struct {
	Main string   `json:"main"`
	All  []string `json:"all"`
}

type cardPayroll struct {
	Bank string `json:"bank"`
	Fot  string `json:"fot"`
}

// cardDates has days as YYYYMMDD and instants as unix seconds.
type cardDates struct {
	Registration any `json:"registration"`
	Update       any `json:"update"`
	Contact      any `json:"contact"`
	Open         any `json:"open"`
	Closed       any `json:"closed"`
}

type cardContacts struct {
	Phones   []string     `json:"phones"`
	Email    string       `json:"email"`
	Website  string       `json:"website"`
	Address  cardAddress  `json:"address"`
	Managers cardManagers `json:"managers"`
	Dadata   *cardDadata  `json:"dadata"`
}

type cardAddress struct {
	Registration string `json:"registration"`
	Fact         string `json:"fact"`
	Mail         string `json:"mail"`
	Region       string `json:"region"`
}

type cardManagers struct {
	Name           string `json:"name"`
	ManagementPost string `json:"management_post"`
	INN            string `json:"inn"`
}

type cardDadata struct {
	Value      string  `json:"value"`
	PostalCode string  `json:"postal_code"`
	Geo        cardGeo `json:"geo"`
	City       string  `json:"city"`
	Region     string  `json:"region"`
}

type cardGeo struct {
	Latitude  string `json:"latitude"`
	Longitude string `json:"longitude"`
}

// customer answers with the company card.
func (p *proPortal) customer(r proPortalRequest) answer {
	c := r.manager.customerByID[r.id]
	if c == nil {
		return htmlStatus(http.StatusNotFound)
	}
	return p.object(encode(c.card()))
}

func (c *Customer) card() customerCard {
	card := &c.Card
	return customerCard{
		ID:           c.ID,
		Name:         c.Name,
		Office:       or(card.Office, absentMasculine),
		CompanyGroup: or(card.CompanyGroup, absentFeminine),
		Size:         or(card.Size, absentMasculine),
		Employees:    numberOr(card.Employees, absentNeuter),
		Industry:     or(c.Industry, absentFeminine),
		Channel:      or(card.Channel, absentMasculine),
		Valuation:    c.Valuation,
		Blacklist:    zeroOrOne(card.Blacklisted),
		Proceed:      cardProceed{Period: or(c.RevenuePeriod, absentMasculine), Amount: or(c.RevenueAmount, absentNeuter)},
		Details: cardDetails{
			INN:   card.INN,
			OGRN:  card.OGRN,
			OPF:   or(card.OPF, absentFeminine),
			Codes: card.codes(),
		},
		Payroll: cardPayroll{Bank: or(card.PayrollBank, absentMasculine), Fot: or(card.PayrollFund, absentMasculine)},
		Dates: cardDates{
			Registration: dayOr(card.RegisteredOn, absentFeminine),
			Update:       numberOr(unixSeconds(card.UpdatedAt), absentFeminine),
			Contact:      numberOr(unixSeconds(c.LastContactAt), absentAtAll),
			Open:         dayOr(card.OpenedOn, absentFeminine),
			Closed:       dayOr(card.ClosedOn, absentAtAll),
		},
		Contacts: card.contacts(),
		Author:   card.AuthorID,
	}
}

func (card *Card) codes() cardCodes {
	return cardCodes{
		Okved: cardOkved{Main: or(card.OkvedMain, absentMasculine), All: orEmpty(card.OkvedAll)},
		Spark: or(card.Spark, absentMasculine),
		KPP:   or(card.KPP, absentMasculine),
		OKPO:  or(card.OKPO, absentMasculine),
		OKOPF: or(card.OKOPF, absentMasculine),
		OKTMO: or(card.OKTMO, absentMasculine),
		OKFS:  or(card.OKFS, absentMasculine),
		OKOGU: or(card.OKOGU, absentMasculine),
		OKATO: or(card.OKATO, absentMasculine),
	}
}

func (card *Card) contacts() cardContacts {
	contacts := cardContacts{
		Phones:  orEmpty(card.Phones),
		Email:   or(card.Email, absentMasculine),
		Website: or(card.Website, absentAtAll),
		Address: cardAddress{
			Registration: or(card.RegistrationAddress, absentMasculine),
			Fact:         or(card.ActualAddress, absentMasculine),
			Mail:         or(card.MailAddress, absentMasculine),
			Region:       or(card.Region, absentMasculine),
		},
		Managers: cardManagers{
			Name:           or(card.DirectorName, absentNeuter),
			ManagementPost: or(card.DirectorPost, absentFeminine),
			INN:            or(card.DirectorINN, absentMasculine),
		},
	}
	if d := card.Dadata; d != nil {
		contacts.Dadata = &cardDadata{
			Value:      d.Value,
			PostalCode: d.PostalCode,
			Geo:        cardGeo{Latitude: d.Latitude, Longitude: d.Longitude},
			City:       d.City,
			Region:     d.Region,
		}
	}
	return contacts
}

func or(text *string, absent string) string {
	if text == nil {
		return absent
	}
	return *text
}

func numberOr(n *int64, absent string) any {
	if n == nil {
		return absent
	}
	return *n
}

// dayOr writes a day as YYYYMMDD: a text on even days, a number on odd ones, as PHP has it.
func dayOr(t *time.Time, absent string) any {
	if t == nil {
		return absent
	}
	text := t.Format("20060102")
	if t.Day()%2 == 0 {
		return text
	}
	number, err := strconv.Atoi(text)
	if err != nil {
		return text
	}
	return number
}

// orEmpty makes an absent list an empty one, which JSON tells from null.
func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
