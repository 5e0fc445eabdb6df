package sandbox

import "time"

// The samples printed in ProPortal's reference, which are part of the first manager's data
// with exactly their values. They count towards the sizes and come first.

func sampleGroups() []*Group {
	return []*Group{
		{
			ID: 283, Name: "Новые ЮЛ (сентябрь)", Description: "СПАРК", Valuation: 1, AuthorID: 1258,
			CreatedAt: time.Unix(1507184738, 0).UTC(), IsPro: true, IsVisible: true, BusinessID: 1,
			ActiveCount: 138, sample: true,
		},
		{
			ID: 129, Name: "Контрагенты клиентов Росбанк: ПАО Московский кредитный банк",
			Description: "Контрагенты клиентов Росбанк: ПАО Московский кредитный банк", Valuation: 10, AuthorID: 3547,
			CreatedAt: time.Unix(1502899343, 0).UTC(), IsVisible: true, BusinessID: 1,
			ActiveCount: 132, sample: true,
		},
	}
}

// The customers the reference prints with tasks; they have no others.
const (
	sampleOverdueCustomer   = 4007128
	sampleCompletedCustomer = 4007132
)

func sampleCustomers() []*Customer {
	postponed := resultTexts()[1]
	return []*Customer{
		{
			ID: sampleOverdueCustomer, Name: `ООО "КИФ "ПИРУЗ"`, Valuation: 10, Industry: new("Торговля оптовая фруктами и овощами"),
			LastResult: &postponed, LastContactAt: unix(1541665890), RevenueAmount: new("289660000"), sample: true,
		},
		{
			ID: sampleCompletedCustomer, Name: "БУДАЕВА ДОЛЖИТ ЦЫРЕНДОНДОКОВНА", Valuation: 10, sample: true,
		},
		{
			ID: 4007195, Name: `ООО "ВЫХЛОПНЫЕ СИСТЕМЫ"`, Valuation: 12,
			Industry:   new("Торговля оптовая автомобильными деталями, узлами и принадлежностями"),
			LastResult: &postponed, LastContactAt: unix(1541665341), RevenueAmount: new("2279000"), sample: true,
		},
		{
			ID: 4007190, Name: "Коновалова Ольга Анатольевна", Valuation: 12,
			Industry:   new("Торговля розничная фруктами и овощами в специализированных магазинах"),
			LastResult: &postponed, LastContactAt: unix(1541664664), RevenueAmount: new("2279000"), sample: true,
		},
	}
}

// sampleTask returns the task the reference prints for the customer, or nil.
func sampleTask(customerID int64) *Task {
	switch customerID {
	case sampleOverdueCustomer:
		return &Task{
			ID: 2598415, CustomerID: customerID, CreatorID: 2, ExecutorID: 2, GroupID: 2,
			CreatedAt: time.Unix(1538568386, 0).UTC(), Type: TaskCall, StartsAt: time.Unix(1548943253, 0).UTC(),
			Comment: new("вопрос по ипотек, передала данные Дельте"), sample: true,
		}
	case sampleCompletedCustomer:
		return &Task{
			ID: 2598431, CustomerID: customerID, CreatorID: 2, ExecutorID: 2, GroupID: 2,
			CreatedAt: time.Unix(1538568470, 0).UTC(), Type: TaskCall, StartsAt: time.Unix(1538568470, 0).UTC(),
			Result: new(int64(1)), ResultUserID: new(int64(6456)), ResultAt: unix(1538568470),
			Comment: new("Запросил документы, отправляю на СВЗ"), sample: true,
		}
	default:
		return nil
	}
}

func unix(seconds int64) *time.Time {
	t := time.Unix(seconds, 0).UTC()
	return &t
}
