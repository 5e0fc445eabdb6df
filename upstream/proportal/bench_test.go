package proportal

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-faster/jx"
)

func BenchmarkReadPortfolioPage(b *testing.B) {
	rows := map[string]string{
		"resource": strings.TrimSuffix(strings.TrimSpace(sample(b, "portfolio_item_resource.json")), "}") +
			`,"lastTask":{"id":2598431,"status":"Завершено","result":{"status":1,"id":6456},"created":1538568470,"type":"Звонок","start_date":1538568470000,"comment":"x"}}`,
		"raw": sample(b, "portfolio_tasks_raw.json"),
	}
	for name, row := range rows {
		for _, size := range []int{50, 100} {
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
				body := []byte(`{"current_page":1,"data":[` + strings.Repeat(row+",", size-1) + row + `],"last_page":3,"per_page":50,"total":120}`)
				b.SetBytes(int64(len(body)))
				b.ReportAllocs()
				for b.Loop() {
					customers, _, err := readCustomers(jx.DecodeBytes(body), "", testNow)
					if err != nil || len(customers) != size {
						b.Fatalf("%d customers, %v", len(customers), err)
					}
				}
			})
		}
	}
}

func BenchmarkReadTasks(b *testing.B) {
	row := strings.Trim(strings.TrimSpace(sample(b, "tasks_resource.json")), "[]")
	body := []byte("[" + strings.Repeat(row+",", 599) + row + "]")
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		tasks, err := readTasks(jx.DecodeBytes(body), TaskCompleted, testNow)
		if err != nil || len(tasks) != 600 {
			b.Fatalf("%d tasks, %v", len(tasks), err)
		}
	}
}
