package proportal

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/jsonread"
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
	return getOne(ctx, v, &GetCustomerCall, id, (*reader).readCard)
}

// cardWire is a company card as it is sent.
type cardWire struct {
	companyWire
	fields upstream.Slab[string]
	values companyValues
	card   Card
}

func (r *reader) readCard(d *jsonread.Decoder) (*Card, error) {
	w := &cardWire{companyWire: companyWire{reader: r}}
	start := r.extra.open()
	if err := r.readMembers(d, w.member); err != nil {
		return nil, err
	}
	if err := w.require(); err != nil {
		return nil, err
	}
	w.card.ID = w.id.value
	w.card.Name = w.name.value
	w.card.Valuation = w.valuation.pointer(&w.values.valuation)
	w.card.Industry = w.industry.pointer(&w.values.industry)
	w.card.Revenue = w.revenue(&w.values)
	w.card.Extra = r.takeExtra(start)
	return &w.card, nil
}

func (w *cardWire) member(d *jsonread.Decoder, key []byte) (bool, error) {
	switch string(key) {
	case "office":
		return true, w.setText(d, &w.card.Office)
	case "company_group":
		return true, w.setText(d, &w.card.CompanyGroup)
	case "size":
		return true, w.setText(d, &w.card.Size)
	case "employees":
		return true, w.setText(d, &w.card.Employees)
	case "channel":
		return true, w.setText(d, &w.card.Channel)
	case "blacklist":
		return true, set(d, &w.card.IsBlacklisted, readFlag)
	case "author":
		return true, set(d, &w.card.AuthorID, readID)
	case "details":
		return true, w.readNested(d, key, w.detailsMember)
	case "payroll":
		return true, w.readNested(d, key, w.payrollMember)
	case "dates":
		return true, w.readNested(d, key, w.datesMember)
	case "contacts":
		return true, w.readNested(d, key, w.contactsMember)
	default:
		return w.companyWire.member(d, key)
	}
}

func (w *cardWire) detailsMember(d *jsonread.Decoder, key []byte) (bool, error) {
	switch string(key) {
	case "inn":
		return true, w.setText(d, &w.card.INN)
	case "ogrn":
		return true, w.setText(d, &w.card.OGRN)
	case "opf":
		return true, w.setText(d, &w.card.OPF)
	case "codes":
		return true, w.readNested(d, key, w.codesMember)
	default:
		return false, nil
	}
}

func (w *cardWire) codesMember(d *jsonread.Decoder, key []byte) (bool, error) {
	codes := &w.card.Codes
	switch string(key) {
	case "okved":
		return true, w.readNested(d, key, w.okvedMember)
	case "spark":
		return true, w.setText(d, &codes.SPARK)
	case "kpp":
		return true, w.setText(d, &codes.KPP)
	case "okpo":
		return true, w.setText(d, &codes.OKPO)
	case "okopf":
		return true, w.setText(d, &codes.OKOPF)
	case "oktmo":
		return true, w.setText(d, &codes.OKTMO)
	case "okfs":
		return true, w.setText(d, &codes.OKFS)
	case "okogu":
		return true, w.setText(d, &codes.OKOGU)
	case "okato":
		return true, w.setText(d, &codes.OKATO)
	default:
		return false, nil
	}
}

func (w *cardWire) okvedMember(d *jsonread.Decoder, key []byte) (bool, error) {
	switch string(key) {
	case "main":
		return true, w.setText(d, &w.card.Codes.OKVED)
	case "all":
		return true, w.setTexts(d, &w.card.Codes.OKVEDAll)
	default:
		return false, nil
	}
}

func (w *cardWire) payrollMember(d *jsonread.Decoder, key []byte) (bool, error) {
	switch string(key) {
	case "bank":
		return true, w.setText(d, &w.card.Payroll.Bank)
	case "fot":
		return true, set(d, &w.card.Payroll.Fund, w.readDecimal)
	default:
		return false, nil
	}
}

func (w *cardWire) datesMember(d *jsonread.Decoder, key []byte) (bool, error) {
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

func (w *cardWire) contactsMember(d *jsonread.Decoder, key []byte) (bool, error) {
	contacts := &w.card.Contacts
	switch string(key) {
	case "phones":
		return true, w.setTexts(d, &contacts.Phones)
	case "email":
		return true, w.setText(d, &contacts.Email)
	case "website":
		return true, w.setText(d, &contacts.Website)
	case "address":
		return true, w.readNested(d, key, w.addressMember)
	case "managers":
		return true, w.readManagers(d, key)
	case "dadata":
		return true, w.readNested(d, key, w.dadataMember)
	default:
		return false, nil
	}
}

func (w *cardWire) addressMember(d *jsonread.Decoder, key []byte) (bool, error) {
	addresses := &w.card.Contacts.Addresses
	switch string(key) {
	case "registration":
		return true, w.setText(d, &addresses.Registration)
	case "fact":
		return true, w.setText(d, &addresses.Actual)
	case "mail":
		return true, w.setText(d, &addresses.Mail)
	case "region":
		return true, w.setText(d, &addresses.Region)
	default:
		return false, nil
	}
}

func (w *cardWire) dadataMember(d *jsonread.Decoder, key []byte) (bool, error) {
	switch string(key) {
	case "geo":
		return true, w.readNested(d, key, w.geoMember)
	case "city":
		return true, w.setText(d, &w.card.Contacts.City)
	case "region":
		return true, w.setText(d, &w.card.Contacts.Region)
	default:
		return false, nil
	}
}

func (w *cardWire) geoMember(d *jsonread.Decoder, key []byte) (bool, error) {
	switch string(key) {
	case "latitude":
		return true, set(d, &w.card.Contacts.Latitude, w.readDecimal)
	case "longitude":
		return true, set(d, &w.card.Contacts.Longitude, w.readDecimal)
	default:
		return false, nil
	}
}

// readManagers reads one director or a list of them.
func (w *cardWire) readManagers(d *jsonread.Decoder, key []byte) error {
	before := len(w.extra.Buf)
	w.extra.key(key)
	start := len(w.extra.Buf)
	if d.Next() != jsonread.Array {
		if _, err := w.readManager(d); err != nil {
			return err
		}
		if len(w.extra.Buf) == start {
			w.extra.Buf = w.extra.Buf[:before]
		}
		return nil
	}
	someUnknown := false
	w.extra.ArrStart()
	_, err := upstream.ReadList(d, nil, func(d *jsonread.Decoder, index int) error {
		if index > 0 {
			w.extra.Comma()
		}
		unknown, err := w.readManager(d)
		if unknown {
			someUnknown = true
		} else {
			w.extra.RawStr("{}")
		}
		return err
	})
	w.extra.ArrEnd()
	if !someUnknown {
		w.extra.Buf = w.extra.Buf[:before]
	}
	return err
}

// readManager reads one director and tells whether it left members that have no field in
// extra. A director of whom nothing is known is none.
func (w *cardWire) readManager(d *jsonread.Decoder) (unknown bool, err error) {
	if absent, err := skipAbsentObject(d); absent || err != nil {
		return false, err
	}
	var manager CardManager
	start := w.extra.open()
	err = w.readMembers(d, func(d *jsonread.Decoder, key []byte) (bool, error) {
		switch string(key) {
		case "name":
			return true, w.setText(d, &manager.Name)
		case "management_post":
			return true, w.setText(d, &manager.Post)
		case "inn":
			return true, w.setText(d, &manager.INN)
		default:
			return false, nil
		}
	})
	if err != nil {
		return false, err
	}
	if manager != (CardManager{}) {
		w.card.Contacts.Managers = append(w.card.Contacts.Managers, &manager)
	}
	return w.extra.close(start), nil
}

// readDay reads a day written YYYYMMDD or an instant in unix seconds; 0 stands for none.
func (w *cardWire) readDay(d *jsonread.Decoder) (upstream.Date, bool, error) {
	count, ok, err := readNumber(d, upstream.ParseInt)
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
func set[T any](d *jsonread.Decoder, field **T, read func(*jsonread.Decoder) (T, bool, error)) error {
	value, ok, err := read(d)
	if ok {
		*field = new(value)
	}
	return err
}

// setText is set for a text, with room that the texts of a card share.
func (w *cardWire) setText(d *jsonread.Decoder, field **string) error {
	text, ok, err := w.readText(d)
	if ok {
		*field = w.fields.New()
		**field = text
	}
	return err
}

// setTexts reads a list of texts, or a single one, without those that mean null.
func (w *cardWire) setTexts(d *jsonread.Decoder, field *[]string) error {
	add := func(d *jsonread.Decoder, _ int) error {
		text, ok, err := w.readText(d)
		if ok && text != "" {
			*field = append(*field, text)
		}
		return err
	}
	if d.Next() != jsonread.Array {
		return add(d, 0)
	}
	_, err := upstream.ReadList(d, nil, add)
	return err
}
