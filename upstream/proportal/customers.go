package proportal

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/go-faster/jx"

	"crmgraph/upstream"
)

// Card is the company card of a customer. Words such as «Не указан» are nil.
type Card struct {
	ID            int64
	Name          string
	Valuation     *int
	Industry      *string
	Revenue       *Revenue
	Office        *string
	CompanyGroup  *string
	Size          *string
	Employees     *string // a number or a range, as the CRM writes it
	Channel       *string
	IsBlacklisted *bool
	AuthorID      *int64
	INN           *string
	OGRN          *string
	OPF           *string // legal form
	Codes         CardCodes
	Payroll       CardPayroll
	Dates         CardDates
	Contacts      CardContacts
	Extra         json.RawMessage // object of the members not named above, nested as they came; nil when there are none
}

// CardCodes are a company's codes in the state classifiers.
type CardCodes struct {
	OKVED    *string  // main activity
	OKVEDAll []string // all activities; nil when not known
	SPARK    *string
	KPP      *string
	OKPO     *string
	OKOPF    *string
	OKTMO    *string
	OKFS     *string
	OKOGU    *string
	OKATO    *string
}

// CardPayroll tells where a company pays its wages.
type CardPayroll struct {
	Bank *string
	Fund *upstream.Decimal // wage fund in roubles
}

// CardDates are the dates of a company and of the work with it. Installations send
// days or instants; an instant is taken as the day it was in the CRM's zone.
type CardDates struct {
	Registration *upstream.Date
	Updated      *upstream.Date
	Contact      *upstream.Date
	Opened       *upstream.Date
	Closed       *upstream.Date
}

// CardContacts tells how to reach a company.
type CardContacts struct {
	Phones    []string // nil when not known
	Email     *string
	Website   *string
	Addresses CardAddresses
	Managers  []*CardManager // nil when not known
	City      *string        // this and the next three as the address service dadata found them
	Region    *string
	Latitude  *upstream.Decimal
	Longitude *upstream.Decimal
}

// CardAddresses are a company's addresses.
type CardAddresses struct {
	Registration *string
	Actual       *string
	Mail         *string
	Region       *string
}

// CardManager is one of a company's directors.
type CardManager struct {
	Name *string
	Post *string
	INN  *string
}

// GetCustomerCall describes the call of ViewerClient.GetCustomer.
var GetCustomerCall = upstream.Call{Service: upstream.ProPortal, Operation: "customer", Method: http.MethodGet, Path: "api/crm/workspace/customers/{id}"}

// GetCustomer returns the company card of one customer. Days are in the zone of
// Options.Location. It is NotFound when the viewer has no such customer, or when the
// installation has no cards; for the other kinds see ViewerClient.
//
// ProPortal: GET /api/crm/workspace/customers/{id} (observed, not in the reference).
func (v *ViewerClient) GetCustomer(ctx context.Context, id int64) (*Card, error) {
	var card *Card
	err := v.doID(ctx, GetCustomerCall, id, query{}, func(d *jx.Decoder) error {
		return readOne(d, func(d *jx.Decoder) (err error) {
			card, err = readCard(d, v.client.zone)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return card, nil
}

// cardWire is a company card as it is sent.
type cardWire struct {
	companyWire
	zone *time.Location
	card Card
}

func readCard(d *jx.Decoder, zone *time.Location) (*Card, error) {
	w := &cardWire{zone: zone}
	if err := w.rest.readObject(d, w.member); err != nil {
		return nil, err
	}
	if err := w.require(); err != nil {
		return nil, err
	}
	w.card.ID = w.id.value
	w.card.Name = w.name.value
	w.card.Valuation = w.valuation.pointer()
	w.card.Industry = w.industry.pointer()
	w.card.Revenue = w.revenue()
	w.card.Extra = w.rest.object()
	return &w.card, nil
}

func (w *cardWire) member(d *jx.Decoder, key []byte, rest *extra) (bool, error) {
	switch string(key) {
	case "office":
		return true, set(d, &w.card.Office, readText)
	case "company_group":
		return true, set(d, &w.card.CompanyGroup, readText)
	case "size":
		return true, set(d, &w.card.Size, readText)
	case "employees":
		return true, set(d, &w.card.Employees, readText)
	case "channel":
		return true, set(d, &w.card.Channel, readText)
	case "blacklist":
		return true, set(d, &w.card.IsBlacklisted, readFlag)
	case "author":
		return true, set(d, &w.card.AuthorID, readID)
	case "details":
		return true, rest.readNested(d, "details", w.detailsMember)
	case "payroll":
		return true, rest.readNested(d, "payroll", w.payrollMember)
	case "dates":
		return true, rest.readNested(d, "dates", w.datesMember)
	case "contacts":
		return true, rest.readNested(d, "contacts", w.contactsMember)
	default:
		return w.companyWire.member(d, key, rest)
	}
}

func (w *cardWire) detailsMember(d *jx.Decoder, key []byte, rest *extra) (bool, error) {
	switch string(key) {
	case "inn":
		return true, set(d, &w.card.INN, readText)
	case "ogrn":
		return true, set(d, &w.card.OGRN, readText)
	case "opf":
		return true, set(d, &w.card.OPF, readText)
	case "codes":
		return true, rest.readNested(d, "codes", w.codesMember)
	default:
		return false, nil
	}
}

func (w *cardWire) codesMember(d *jx.Decoder, key []byte, rest *extra) (bool, error) {
	codes := &w.card.Codes
	switch string(key) {
	case "okved":
		return true, rest.readNested(d, "okved", w.okvedMember)
	case "spark":
		return true, set(d, &codes.SPARK, readText)
	case "kpp":
		return true, set(d, &codes.KPP, readText)
	case "okpo":
		return true, set(d, &codes.OKPO, readText)
	case "okopf":
		return true, set(d, &codes.OKOPF, readText)
	case "oktmo":
		return true, set(d, &codes.OKTMO, readText)
	case "okfs":
		return true, set(d, &codes.OKFS, readText)
	case "okogu":
		return true, set(d, &codes.OKOGU, readText)
	case "okato":
		return true, set(d, &codes.OKATO, readText)
	default:
		return false, nil
	}
}

func (w *cardWire) okvedMember(d *jx.Decoder, key []byte, _ *extra) (bool, error) {
	switch string(key) {
	case "main":
		return true, set(d, &w.card.Codes.OKVED, readText)
	case "all":
		return true, setTexts(d, &w.card.Codes.OKVEDAll)
	default:
		return false, nil
	}
}

func (w *cardWire) payrollMember(d *jx.Decoder, key []byte, _ *extra) (bool, error) {
	switch string(key) {
	case "bank":
		return true, set(d, &w.card.Payroll.Bank, readText)
	case "fot":
		return true, set(d, &w.card.Payroll.Fund, readDecimal)
	default:
		return false, nil
	}
}

func (w *cardWire) datesMember(d *jx.Decoder, key []byte, _ *extra) (bool, error) {
	dates := &w.card.Dates
	switch string(key) {
	case "registration":
		return true, set(d, &dates.Registration, w.readDay)
	case "update":
		return true, set(d, &dates.Updated, w.readDay)
	case "contact":
		return true, set(d, &dates.Contact, w.readDay)
	case "open":
		return true, set(d, &dates.Opened, w.readDay)
	case "closed":
		return true, set(d, &dates.Closed, w.readDay)
	default:
		return false, nil
	}
}

func (w *cardWire) contactsMember(d *jx.Decoder, key []byte, rest *extra) (bool, error) {
	contacts := &w.card.Contacts
	switch string(key) {
	case "phones":
		return true, setTexts(d, &contacts.Phones)
	case "email":
		return true, set(d, &contacts.Email, readText)
	case "website":
		return true, set(d, &contacts.Website, readText)
	case "address":
		return true, rest.readNested(d, "address", w.addressMember)
	case "managers":
		return true, w.readManagers(d, rest)
	case "dadata":
		return true, rest.readNested(d, "dadata", w.dadataMember)
	default:
		return false, nil
	}
}

func (w *cardWire) addressMember(d *jx.Decoder, key []byte, _ *extra) (bool, error) {
	addresses := &w.card.Contacts.Addresses
	switch string(key) {
	case "registration":
		return true, set(d, &addresses.Registration, readText)
	case "fact":
		return true, set(d, &addresses.Actual, readText)
	case "mail":
		return true, set(d, &addresses.Mail, readText)
	case "region":
		return true, set(d, &addresses.Region, readText)
	default:
		return false, nil
	}
}

func (w *cardWire) dadataMember(d *jx.Decoder, key []byte, rest *extra) (bool, error) {
	switch string(key) {
	case "geo":
		return true, rest.readNested(d, "geo", w.geoMember)
	case "city":
		return true, set(d, &w.card.Contacts.City, readText)
	case "region":
		return true, set(d, &w.card.Contacts.Region, readText)
	default:
		return false, nil
	}
}

func (w *cardWire) geoMember(d *jx.Decoder, key []byte, _ *extra) (bool, error) {
	switch string(key) {
	case "latitude":
		return true, set(d, &w.card.Contacts.Latitude, readDecimal)
	case "longitude":
		return true, set(d, &w.card.Contacts.Longitude, readDecimal)
	default:
		return false, nil
	}
}

// readManagers reads one director or a list of them.
func (w *cardWire) readManagers(d *jx.Decoder, rest *extra) error {
	if d.Next() != jx.Array {
		members, err := w.readManager(d)
		if members != nil {
			rest.put("managers", members)
		}
		return err
	}
	var unknown jx.Encoder
	someUnknown := false
	unknown.ArrStart()
	_, err := upstream.ReadList(d, nil, func(d *jx.Decoder, _ int) error {
		members, err := w.readManager(d)
		if members == nil {
			members = json.RawMessage("{}")
		} else {
			someUnknown = true
		}
		unknown.Raw(members)
		return err
	})
	unknown.ArrEnd()
	if someUnknown {
		rest.put("managers", unknown.Bytes())
	}
	return err
}

// readManager reads one director and returns the members that have no field. A director
// of whom nothing is known is none.
func (w *cardWire) readManager(d *jx.Decoder) (unknown json.RawMessage, err error) {
	if absent, err := skipAbsentObject(d); absent || err != nil {
		return nil, err
	}
	var manager CardManager
	var rest extra
	err = rest.readObject(d, func(d *jx.Decoder, key []byte, _ *extra) (bool, error) {
		switch string(key) {
		case "name":
			return true, set(d, &manager.Name, readText)
		case "management_post":
			return true, set(d, &manager.Post, readText)
		case "inn":
			return true, set(d, &manager.INN, readText)
		default:
			return false, nil
		}
	})
	if err == nil && manager != (CardManager{}) {
		w.card.Contacts.Managers = append(w.card.Contacts.Managers, &manager)
	}
	return rest.object(), err
}

// readDay reads a day written YYYYMMDD or an instant in unix seconds; 0 stands for none.
func (w *cardWire) readDay(d *jx.Decoder) (upstream.Date, bool, error) {
	count, ok, err := unlessAbsent(d, upstream.ReadInt)
	if !ok || err != nil || count == 0 {
		return "", false, err
	}
	unreadable := upstream.Unreadable("neither a day as YYYYMMDD nor unix seconds")
	switch {
	case count < 10_000_000, count > maxSeconds:
		return "", false, unreadable
	case count < 100_000_000:
		day, err := time.Parse("20060102", strconv.FormatInt(count, 10))
		if err != nil {
			return "", false, unreadable
		}
		return upstream.DateOf(day), true, nil
	default:
		at := time.Unix(count, 0).In(w.zone)
		if at.Year() > 9999 {
			return "", false, unreadable
		}
		return upstream.DateOf(at), true, nil
	}
}

// set points field to the value read, or leaves it where there is none.
func set[T any](d *jx.Decoder, field **T, read func(*jx.Decoder) (T, bool, error)) error {
	value, ok, err := read(d)
	if ok {
		*field = &value
	}
	return err
}

// setTexts reads a list of texts, or a single one, without those that mean null.
func setTexts(d *jx.Decoder, field *[]string) error {
	add := func(d *jx.Decoder, _ int) error {
		text, ok, err := readText(d)
		if ok && text != "" {
			*field = append(*field, text)
		}
		return err
	}
	if d.Next() != jx.Array {
		return add(d, 0)
	}
	_, err := upstream.ReadList(d, nil, add)
	return err
}
