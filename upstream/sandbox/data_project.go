package sandbox

import "time"

// Project is a sales project of solOS.
type Project struct {
	ID   uint64
	Name string
	// CreatedAt is exact to the second.
	CreatedAt time.Time
	// Price is a decimal such as "1250000.50", nil where none was entered.
	Price               *string
	CurrencyID          uint64
	Deleted             bool
	SalesFunnelID       uint64
	StepID              uint64
	UserID              *uint64
	GroupID             *uint64
	ParticipantUserIDs  []uint64
	ParticipantGroupIDs []uint64
	// Fields has the dynamic fields in the order they are sent, the customer field first.
	Fields []Field
	// CustomerID repeats the customer field; it may name a customer that does not exist.
	CustomerID *int64
	// ManagerID is the manager this project was generated for.
	ManagerID int64
	// ExternalCode and TaskCount are sent as external_code and tasks_count, which no
	// reference mentions. TaskCount decides having "tasks" and "no_tasks".
	ExternalCode string
	TaskCount    int

	// Steps is by date ascending; the last one is the current step.
	Steps []Step
	// Actions and Payments are in the order they are sent, which is not by date.
	Actions    []Action
	Checklists []Checklist
	Goods      []Good
	Payments   []Payment
}

// Field is one dynamic field. Value is an int64, a string or nil.
type Field struct {
	Name  string
	Value any
}

// Step is one entry of a project's way through its sales funnel.
type Step struct {
	ID      uint64
	StepID  uint64
	Name    string
	Date    time.Time
	UserID  *uint64
	Comment *string
}

// Action is an event of a project.
type Action struct {
	ID       uint64
	TypeID   uint64
	TypeName string
	Date     time.Time
	UserID   *uint64
	Text     *string
}

// Checklist is a named list of points to do.
type Checklist struct {
	ID   uint64
	Name string
	// Expired is true if a point is not done and its deadline lies before today.
	Expired bool
	Items   []ChecklistItem
}

// ChecklistItem is one point of a checklist.
type ChecklistItem struct {
	ID   uint64
	Name string
	Done bool
	// Deadline is a day in Moscow, at its start.
	Deadline *time.Time
}

// Good is a line of goods in a project. Its decimals have two places, Quantity up to three.
type Good struct {
	ID         uint64
	GoodID     uint64
	Name       string
	Quantity   string
	Price      string
	CurrencyID uint64
	Sum        string
}

// The types of payments, by solOS's numbers.
const (
	PaymentWriteOff = 0
	PaymentReceipt  = 1
)

// Payment is money written off or received for a project.
type Payment struct {
	ID   uint64
	Type int
	// Date is a day in Moscow, at its start.
	Date       time.Time
	Sum        string
	CurrencyID uint64
	Comment    *string
}
