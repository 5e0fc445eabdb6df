package solos

import (
	"testing"

	"crmgraph/upstream/jsonread"
)

// TestObjectsOutliveTheirAnswer reads answers one after the other with the same scratch
// memory, and overwrites each when it has been read.
func TestObjectsOutliveTheirAnswer(t *testing.T) {
	t.Parallel()
	const others = `[{"id": "1", "title": "a\"b", "name": null, "custom_fields": [{"name": "client_id", "value": [5]}], "x": {"y": [1, 2]}}]`
	answers := []string{testdata(t, "projects_bare.json"), others, testdata(t, "projects_payload.json"), others}
	read := func(c *Client, answer string) []*Project {
		body := []byte(answer)
		r := c.reader(&ListProjectsCall, 0)
		defer c.release(r)
		list, err := readList(r, jsonread.New(body), (*reader).readProject)
		if err != nil {
			t.Fatal(err)
		}
		clear(body)
		return list.Items
	}
	c := newClient(t, "https://crm.example", Options{})
	var got, want [][]*Project
	for _, answer := range answers {
		got = append(got, read(c, answer))
		want = append(want, read(newClient(t, "https://crm.example", Options{}), answer))
	}
	if d := diff(want, got); d != "" {
		t.Errorf("projects (-want +got):\n%s", d)
	}
	if len(got[1]) != 1 || string(got[1][0].Extra) != `{"name":null,"x":{"y":[1,2]}}` {
		t.Errorf("got %+v", got[1])
	}
}
