package graphqlws_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"crmgraph/graph"
	"crmgraph/server/graphqlhttp"
	"crmgraph/server/graphqlws"
	"crmgraph/server/streamtest"
)

// faulty are documents that nobody finds.
type faulty struct{}

func (faulty) Document(_ context.Context, p *graphqlhttp.Params) *gqlerror.Error {
	panic("canary " + p.Query)
}

// TestPanicsTellNothing: the text of one may quote what the client has sent.
func TestPanicsTellNothing(t *testing.T) {
	t.Parallel()
	transport, err := graphqlws.New(graphqlws.Options{
		Caller:    func(http.Header) graph.Caller { return graph.Caller{} },
		Documents: faulty{},
	})
	if err != nil {
		t.Fatal(err)
	}
	presented := make(chan string, 1)
	exec := handler.New(&graphql.ExecutableSchemaMock{})
	exec.AddTransport(transport)
	exec.SetErrorPresenter(func(_ context.Context, err error) *gqlerror.Error {
		presented <- err.Error()
		return &gqlerror.Error{Message: "masked"}
	})
	server := httptest.NewServer(exec)
	t.Cleanup(server.Close)
	c := dial(t, &streamtest.Gateway{URL: server.URL}, nil)
	c.send(`{"type":"connection_init"}`)
	c.expect(`{"type":"connection_ack"}`)
	c.subscribe("1", "{ secret }")
	c.expect(`{"type":"error","id":"1","payload":[{"message":"masked"}]}`)
	if got := <-presented; !strings.Contains(got, "subscribe.go") || strings.Contains(got, "canary") || strings.Contains(got, "secret") {
		t.Errorf("the log gets %s, want the place and nothing of the text", got)
	}
}
