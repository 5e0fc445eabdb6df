package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
)

// injectedHeader is what would arrive at a CRM if an argument could end a line of a request.
const injectedHeader = "X-Injected"

// argumentAttacks are arguments that could mean something else where they are sent on.
func argumentAttacks() []attack {
	query := func(document string, variables any) func(context.Context, *attacked, int) (seen, error) {
		return func(ctx context.Context, on *attacked, _ int) (seen, error) {
			return post(ctx, on, operation(document, variables), nil)
		}
	}
	const partly = 294 // data, and errors
	badInput := seen{partly, "BAD_USER_INPUT"}
	evil := "1\r\n" + injectedHeader + ": 1\r\n\r\nGET / HTTP/1.1\r\n\x00"
	ids := []struct{ name, id string }{
		{"an id with line breaks and a header", evil},
		{"an id that leads up a path", "../../auth/login"},
		{"an id that leads up a path, escaped", "1%2f..%2f..%2fauth%2flogin"},
		{"an id with more parameters", "1?perPage=1000000#"},
		{"a huge number as id", "340282366920938463463374607431768211456"},
		{"a negative id", "-1"},
		{"an id in other digits", "１２３"},
		{"an id of a type with a path", base64.RawURLEncoding.EncodeToString([]byte("Customer:../1"))},
	}
	var attacks []attack
	for _, test := range ids {
		document := "query($id:ID!){customer(id:$id){name}group(id:$id){name}task(id:$id){id}project(id:$id){name}action(id:$id){id}nodes(ids:[$id]){id}}"
		attacks = append(attacks, attack{name: test.name, make: query(document, map[string]any{"id": test.id}), want: badInput, quiet: true})
	}
	filter := map[string]any{"filter": map[string]any{"fields": []map[string]any{{"name": evil, "value": evil}}}}
	order := map[string]any{"order": map[string]any{"fieldName": evil}}
	return append(attacks,
		attack{name: "a cursor with line breaks", make: query("query($after:String){projects(after:$after){nodes{id}}}", map[string]any{"after": evil}), want: badInput, quiet: true},
		attack{name: "a filter with line breaks and a header", make: query("query($filter:ProjectFilter){projects(filter:$filter){nodes{id}}}", filter), want: seen{http.StatusOK, ""}},
		attack{name: "an order with line breaks and a header", make: query("query($order:ProjectOrder){projects(orderBy:$order){nodes{id}}}", order), want: badInput},
		attack{name: "a name of a field with line breaks", make: query("query($name:String!){projects(first:1){nodes{field(name:$name)}}}", map[string]any{"name": evil}), want: seen{http.StatusOK, ""}},
		attack{name: "a login with a header for the CRM", make: func(ctx context.Context, on *attacked, time int) (seen, error) {
			return post(ctx, on, fmt.Sprintf(`{"query":"mutation{login{token}} #%d"}`, time), http.Header{"Authorization": {"Basic Og=="}, injectedHeader: {"1"}, "X-Forwarded-For": {"127.0.0.1"}})
		}, want: seen{partly, "UNAUTHENTICATED"}},
	)
}
