package graph

import (
	"encoding/json"
	"reflect"
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
	if query.Filter, query.None, err = projectFilter(filter); err != nil {
		return query, model.AtArgument("filter", err)
	}
	if order != nil {
		query.OrderBy, err = orderBy(order)
		query.Descending = order.Direction == model.OrderDirectionDesc
	}
	return query, model.AtArgument("orderBy", err)
}

func orderBy(order *model.ProjectOrder) (string, error) {
	field, name := order.Field.Value(), order.FieldName.Value()
	switch {
	case (field == nil) == (name == nil):
		return "", errOrderField
	case name != nil && strings.TrimSpace(*name) == "":
		return "", model.AtArgument("fieldName", errFieldName)
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

// projectFilter reads a filter; none means that no project can match it.
func projectFilter(in *model.ProjectFilter) (filter *solos.ProjectFilter, none bool, err error) {
	if in == nil {
		return nil, false, nil
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
			return nil, false, model.AtArgument("created", errDateRange)
		}
	}
	lists := []struct {
		name string
		in   []string
		out  *[]uint64
	}{
		{"salesFunnelIds", in.SalesFunnelIds.Value(), &out.SalesFunnelIDs},
		{"stepIds", in.StepIds.Value(), &out.StepIDs},
		{"userIds", in.UserIds.Value(), &out.UserIDs},
		{"groupIds", in.GroupIds.Value(), &out.GroupIDs},
		{"currencyIds", in.CurrencyIds.Value(), &out.CurrencyIDs},
		{"participantUserIds", in.ParticipantUserIds.Value(), &out.ParticipantUserIDs},
		{"participantGroupIds", in.ParticipantGroupIds.Value(), &out.ParticipantGroupIDs},
		{"actionTypeIds", in.ActionTypeIds.Value(), &out.ActionTypeIDs},
		{"goodIds", in.GoodIds.Value(), &out.GoodIDs},
	}
	for _, list := range lists {
		if *list.out, err = model.ParseNumbers(list.in); err != nil {
			return nil, false, model.AtArgument(list.name, err)
		}
		// Any of no numbers is a condition that does not hold.
		none = none || isEmpty(list.in)
	}
	if out.Fields, err = fieldConditions(in.Fields.Value()); err != nil {
		return nil, false, model.AtArgument("fields", err)
	}
	if out.Condition == solos.Or {
		none = none && reflect.DeepEqual(out, &solos.ProjectFilter{Condition: solos.Or})
	}
	return out, none, nil
}

// isEmpty reports whether a list is there and has no elements.
func isEmpty(list []string) bool { return list != nil && len(list) == 0 }

func fieldConditions(in []*model.ProjectFieldFilter) ([]solos.Field, error) {
	var out []solos.Field
	named := make(map[string]bool, len(in))
	for i, condition := range in {
		if strings.TrimSpace(condition.Name) == "" {
			return nil, model.AtElement(i, model.AtArgument("name", errFieldName))
		}
		if named[condition.Name] { // solOS takes conditions as an object
			return nil, model.AtElement(i, model.AtArgument("name", errFieldTwice))
		}
		named[condition.Name] = true
		if !isCondition(condition.Value) {
			return nil, model.AtElement(i, model.AtArgument("value", errFieldValue))
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
