package proportal_test

import (
	"io"
	"net/http"
	"testing"

	"crmgraph/upstream"
	"crmgraph/upstream/jsonread"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/sandbox"
)

// BenchmarkDecode decodes answers that the sandbox gives over HTTP.
func BenchmarkDecode(b *testing.B) {
	for _, dialect := range []sandbox.Dialect{sandbox.DialectReference, sandbox.DialectResource} {
		crm, err := sandbox.Start(sandbox.Options{Dialect: dialect})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = crm.Close() })
		client, err := proportal.New(crm.ProPortalURL(), proportal.Options{Now: crm.Now})
		if err != nil {
			b.Fatal(err)
		}
		for _, answer := range []struct {
			name   string
			call   upstream.Call
			query  string
			decode func(*jsonread.Decoder) (elements int, err error)
		}{
			{"portfolio", proportal.ListPortfolioCall, "page=1&perPage=50", client.ReadPortfolio},
			{"tasks", proportal.ListTasksCall, "status=planned", client.ReadTasks},
			{"groups", proportal.ListGroupsCall, "", client.ReadGroups},
		} {
			b.Run(answer.name+"/"+string(dialect), func(b *testing.B) {
				body := bodyOf(b, crm, answer.call, answer.query)
				b.SetBytes(int64(len(body)))
				b.ReportAllocs()
				for b.Loop() {
					elements, err := answer.decode(jsonread.New(body))
					if err != nil || elements == 0 {
						b.Fatalf("got %d elements, %v", elements, err)
					}
				}
			})
		}
	}
}

// bodyOf returns what the sandbox answers to its first manager.
func bodyOf(b *testing.B, crm *sandbox.Sandbox, call upstream.Call, query string) []byte {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), call.Method, crm.ProPortalURL()+"/"+call.Path+"?"+query, http.NoBody)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+crm.Token(crm.ManagerIDs()[0]))
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		b.Fatalf("status %d, %v", resp.StatusCode, err)
	}
	return body
}
