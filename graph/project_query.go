package graph

import (
	"encoding/json"
	"slices"
	"strings"

	"crmgraph/graph/loader"
	"crmgraph/graph/model"
	"crmgraph/upstream/solos"
)

const (
	errOrderField = model.InputError("An order needs either a field or a fieldName.")
	errFieldName  = model.InputError("The name of a dynamic field must not be empty.")
	errFieldTwice = model.InputError("A dynamic field can have one condition: list all values that it may have in that.")
	errFieldValue = model.InputError("The value of a dynamic field is a string, a number, a boolean or a list of these.")
	errDateRange  = model.InputError("A range of days must not end before it begins.")
)

// projectQuery reads the arguments that say which projects, and in which order.
func projectQuery(filter *model.ProjectFilter, order *model.ProjectOrder, deleted bool) (loader.ProjectQuery, error) {
	query := loader.ProjectQuery{OrderBy: loader.ByID, Deleted: deleted}
	var err error
	if query.Filter, err = projectFilter(filter); err != nil {
		return query, err
	}
	if order != nil {
		query.OrderBy, err = orderBy(order)
		query.Descending = order.Direction == model.OrderDirectionDesc
	}
	return query, err
}

func orderBy(order *model.ProjectOrder) (string, error) {
	field, name := order.Field.Value(), order.FieldName.Value()
	switch {
	case (field == nil) == (name == nil):
		return "", errOrderField
	case name != nil && strings.TrimSpace(*name) == "":
		return "", errFieldName
	case name != nil:
		return *name, nil
	}
	switch *field {
	case model.ProjectOrderFieldID:
		return "id", nil
	case model.ProjectOrderFieldName:
		return "name", nil
	case model.ProjectOrderFieldCreated:
		return "created", nil
	case model.ProjectOrderFieldPrice:
		return "price", nil
	case model.ProjectOrderFieldCurrency:
		return "currency_id", nil
	case model.ProjectOrderFieldSalesFunnel:
		return "sales_funnel_id", nil
	case model.ProjectOrderFieldStep:
		return "step_id", nil
	case model.ProjectOrderFieldUser:
		return "user_id", nil
	case model.ProjectOrderFieldGroup:
		return "group_id", nil
	}
	return "", errOrderField
}

func projectFilter(in *model.ProjectFilter) (*solos.ProjectFilter, error) {
	if in == nil {
		return nil, nil
	}
	out := &solos.ProjectFilter{
		Condition: value(in.Condition.Value()),
		Having:    value(in.Having.Value()),
		Price:     in.Price.Value(),
	}
	if out.Condition == "" {
		out.Condition = solos.And
	}
	if created := in.Created.Value(); created != nil {
		out.CreatedFrom, out.CreatedTo = value(created.From.Value()), value(created.To.Value())
		if out.CreatedFrom != "" && out.CreatedTo != "" && out.CreatedTo < out.CreatedFrom {
			return nil, errDateRange
		}
	}
	lists := []struct {
		in  []string
		out *[]uint64
	}{
		{in.SalesFunnelIds.Value(), &out.SalesFunnelIDs},
		{in.StepIds.Value(), &out.StepIDs},
		{in.UserIds.Value(), &out.UserIDs},
		{in.GroupIds.Value(), &out.GroupIDs},
		{in.CurrencyIds.Value(), &out.CurrencyIDs},
		{in.ParticipantUserIds.Value(), &out.ParticipantUserIDs},
		{in.ParticipantGroupIds.Value(), &out.ParticipantGroupIDs},
		{in.ActionTypeIds.Value(), &out.ActionTypeIDs},
		{in.GoodIds.Value(), &out.GoodIDs},
	}
	for _, list := range lists {
		ids, err := model.ParseNumbers(list.in)
		if err != nil {
			return nil, err
		}
		*list.out = ids
	}
	var err error
	out.Fields, err = fieldConditions(in.Fields.Value())
	return out, err
}

func fieldConditions(in []*model.ProjectFieldFilter) ([]solos.Field, error) {
	var out []solos.Field
	named := make(map[string]bool, len(in))
	for _, condition := range in {
		if strings.TrimSpace(condition.Name) == "" {
			return nil, errFieldName
		}
		if named[condition.Name] { // solOS takes conditions as an object
			return nil, errFieldTwice
		}
		named[condition.Name] = true
		if !isCondition(condition.Value) {
			return nil, errFieldValue
		}
		out = append(out, solos.Field{Name: condition.Name, Value: condition.Value})
	}
	return out, nil
}

// isCondition reports whether a dynamic field can have the value, or any of its elements.
func isCondition(value json.RawMessage) bool {
	if value[0] != '[' {
		return isPlainValue(value)
	}
	var list []json.RawMessage
	err := json.Unmarshal(value, &list)
	return err == nil && !slices.ContainsFunc(list, func(element json.RawMessage) bool { return !isPlainValue(element) })
}

// isPlainValue reports whether a value is a string, a number or a boolean.
func isPlainValue(value json.RawMessage) bool {
	return value[0] != '{' && value[0] != '[' && string(value) != "null"
}
