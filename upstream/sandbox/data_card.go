package sandbox

import "time"

// Card has what the company card knows beyond the portfolio item. A nil is sent as one of
// the words that mean "absent", or as null inside Dadata.
type Card struct {
	Office       *string
	CompanyGroup *string
	Size         *string
	Employees    *int64
	Channel      *string
	Blacklisted  bool
	INN          string
	OGRN         string
	OPF          *string
	OkvedMain    *string
	OkvedAll     []string
	Spark        *string
	KPP          *string
	OKPO         *string
	OKOPF        *string
	OKTMO        *string
	OKFS         *string
	OKOGU        *string
	OKATO        *string
	PayrollBank  *string
	// PayrollFund is a decimal in roubles a month.
	PayrollFund *string
	// RegisteredOn, OpenedOn and ClosedOn are days, at their start in UTC.
	RegisteredOn        *time.Time
	UpdatedAt           *time.Time
	OpenedOn            *time.Time
	ClosedOn            *time.Time
	Phones              []string
	Email               *string
	Website             *string
	RegistrationAddress *string
	ActualAddress       *string
	MailAddress         *string
	Region              *string
	DirectorName        *string
	DirectorPost        *string
	DirectorINN         *string
	// Dadata is the address as the DaData service resolved it, nil where it was not asked.
	Dadata   *Dadata
	AuthorID int64
}

// Dadata is an address resolved by DaData.
type Dadata struct {
	Value      string
	PostalCode string
	City       string
	Region     string
	// Latitude and Longitude are decimals.
	Latitude  string
	Longitude string
}
