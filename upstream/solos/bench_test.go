package solos

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-faster/jx"
)

func BenchmarkDecodeProjects(b *testing.B) {
	const preferred = `{"id":%d,"name":"Кофейня на Тверской","created":"2020-03-05 14:30:00","price":1250000.50,"currency_id":1,` +
		`"deleted":0,"sales_funnel_id":2,"step_id":5,"user_id":8,"group_id":3,"participants_user_id":[1,2],"participants_group_id":[4],` +
		`"data":{"client_id":13,"contract_date":"2020-01-01","source":"site","note":null},"external_code":"A-1","tasks_count":2}`
	const others = `{"id":"%d","title":"Кофейня на Тверской","created_at":"2020-03-05 14:30:00","budget":"1250000.50","currency_id":"1",` +
		`"is_deleted":"0","sales_funnel_id":"2","step_id":"5","user_id":"8","group_id":"3","participants_user_id":"1;2","participants_group_id":"4",` +
		`"custom_fields":[{"name":"client_id","value":"13"},{"name":"contract_date","value":"2020-01-01"},{"name":"source","value":"site"},` +
		`{"name":"note","value":null}],"external_code":"A-1","tasks_count":2}`
	for _, dialect := range []struct{ name, object string }{{"preferred", preferred}, {"others", others}} {
		for _, size := range []int{50, 100} {
			b.Run(fmt.Sprintf("%s/%d", dialect.name, size), func(b *testing.B) {
				objects := make([]string, size)
				for i := range objects {
					objects[i] = fmt.Sprintf(dialect.object, i+1)
				}
				body := []byte(`{"payload":[` + strings.Join(objects, ",") + `]}`)
				c := newClient(b, "https://crm.example", Options{})
				b.SetBytes(int64(len(body)))
				b.ReportAllocs()
				for b.Loop() {
					list, err := readList(c.reader(ListProjectsCall, 0), jx.DecodeBytes(body), (*reader).readProject)
					if err != nil || len(list.Items) != size {
						b.Fatalf("got %d projects, %v", len(list.Items), err)
					}
				}
			})
		}
	}
}
