package proportal

import (
	"testing"

	"crmgraph/upstream/jsonread"
)

// TestObjectsOutliveTheirAnswer reads answers one after the other with the same scratch
// memory, and overwrites each when it has been read.
func TestObjectsOutliveTheirAnswer(t *testing.T) {
	t.Parallel()
	const unknown = `[{"id":1,"name":"A \"b\"","x":{"y":[1, 2]},"activity":{"by":7,"result":"ok"},"money":{"amount":"5.10"}}]`
	answers := []string{sample(t, "portfolio_raw.json"), unknown, "[" + sample(t, "portfolio_tasks_raw.json") + "]", unknown}
	read := func(c *Client, answer string) []*Customer {
		body := []byte(answer)
		r := c.reader()
		defer c.release(r)
		customers, _, err := r.readCustomers(jsonread.New(body), "")
		if err != nil {
			t.Fatal(err)
		}
		clear(body)
		return customers
	}
	c := newClient(t, "https://crm.example", Options{})
	var got, want [][]*Customer
	for _, answer := range answers {
		got = append(got, read(c, answer))
		want = append(want, read(newClient(t, "https://crm.example", Options{}), answer))
	}
	equal(t, got, want)
	if len(got[1]) != 1 || string(got[1][0].Extra) != `{"x":{"y":[1,2]},"activity":{"by":7}}` {
		t.Errorf("got %+v", got[1])
	}
}
