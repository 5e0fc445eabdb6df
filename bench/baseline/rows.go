package main

import (
	"bytes"
	"strconv"
	"unsafe"

	"github.com/bytedance/sonic"
)

// The rows of the CRMs' answers, with what the four queries need of them.

type customer struct {
	ID        value `json:"client_id"`
	Name      value `json:"name"`
	Industry  value `json:"okved_vid_deyatelnosti"`
	Valuation value `json:"priority"`
	Result    value `json:"posledniy_resultat_text"`
	Contact   value `json:"data_posledniy_contact_unixtime"`
	Period    value `json:"vyruchka_period"`
	Amount    value `json:"vyruchka_za_god"`
}

type portfolio struct {
	Total int        `json:"total"`
	Data  []customer `json:"data"`
}

type task struct {
	ID       int64 `json:"id"`
	Customer struct {
		ID int64 `json:"id"`
	} `json:"customer"`
	Type    value  `json:"type"`
	Start   int64  `json:"start_date"` // in milliseconds
	Comment value  `json:"comment"`
	status  string // as the schema spells it
}

type project struct {
	ID      int64         `json:"id"`
	Name    value         `json:"name"`
	Price   value         `json:"price"`
	Created value         `json:"created"`
	Fields  projectFields `json:"data"`
}

type projectFields struct {
	CustomerID     value `json:"client_id"`
	ContractDate   value `json:"contract_date"`
	ContractNumber value `json:"contract_number"`
	Deadline       value `json:"deadline"`
	ManagerComment value `json:"manager_comment"`
	Probability    value `json:"probability"`
	Source         value `json:"source"`
}

type step struct {
	Name value `json:"name"`
	Date value `json:"date"`
}

type action struct {
	Type value `json:"type"`
	Date value `json:"date"`
	Text value `json:"text"`
}

type payment struct {
	Type int   `json:"type"`
	Date value `json:"date"`
	Sum  value `json:"sum"`
}

type good struct {
	Name     value `json:"name"`
	Quantity value `json:"quantity"`
	Sum      value `json:"sum"`
}

type checklist struct {
	Name  value `json:"name"`
	Items []struct {
		Name value `json:"name"`
		Done int   `json:"done"`
	} `json:"items"`
}

// value is a JSON value as the CRM sent it. It points into the answer.
type value []byte

// UnmarshalJSON keeps the value where it is.
func (v *value) UnmarshalJSON(raw []byte) error {
	*v = raw
	return nil
}

func (v value) isNull() bool { return len(v) == 0 || v[0] == 'n' }

// bare is a text or number without quotes.
func (v value) bare() []byte { return bytes.Trim(v, `"`) }

// int reads a whole number, which the CRMs write as 12, "12" and 12.0; 0 where it is none.
func (v value) int() int64 {
	whole, _, _ := bytes.Cut(v.bare(), []byte("."))
	number, _ := strconv.ParseInt(string(whole), 10, 64)
	return number
}

// decoder was found to be the fastest there is for these rows, ahead of goccy/go-json and jx.
var decoder = sonic.Config{NoValidateJSONSkip: true}.Froze()

// decode reads an answer into rows, whose memory it uses again. The rows point into body.
func decode[T any](body []byte, rows *[]T) error {
	clear(*rows)
	*rows = (*rows)[:0]
	return decodeOne(body, rows)
}

func decodeOne(body []byte, into any) error {
	return decoder.UnmarshalFromString(unsafe.String(unsafe.SliceData(body), len(body)), into)
}

// rows is the memory of the rows of one exchange.
type rows struct {
	portfolio  portfolio
	tasks      [len(statuses)][]task
	projects   []project
	steps      []step
	actions    []action
	payments   []payment
	goods      []good
	checklists []checklist
}
