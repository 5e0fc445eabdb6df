package sandbox_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmgraph/upstream/sandbox"
)

// TestReferenceSamples holds the answers against the samples printed in ProPortal's
// reference, number for number in its spelling.
func TestReferenceSamples(t *testing.T) {
	t.Parallel()
	servers := map[sandbox.Dialect]*sandbox.Sandbox{
		sandbox.DialectReference: start(t, sandbox.Options{}),
		sandbox.DialectResource:  start(t, sandbox.Options{Dialect: sandbox.DialectResource}),
	}
	tests := map[string]struct {
		dialect sandbox.Dialect
		path    string
		pick    func(*testing.T, any) any
		want    string
	}{
		"all groups, the full form": {
			dialect: sandbox.DialectReference, path: "groups",
			pick: func(t *testing.T, answer any) any {
				outer, ok := answer.([]any)
				if !ok || len(outer) != 1 {
					t.Fatalf("want an array in an array, got %v", answer)
				}
				return one(t, listOf(t, outer[0]), "283", "spisok_id")
			},
			want: `{"spisok_id":283,"spisok_name":"Новые ЮЛ (сентябрь)","spisok_opisanie":"СПАРК","spisok_creator_uid":1258,
				"spisok_create_time":1507184738,"spisok_edit_uid":null,"spisok_edit_time":null,"spisok_is_pro":1,"business_id":1,
				"spisok_ball":1,"is_visible":1,"spisok_is_payroll":0,"customers_count":138}`,
		},
		"all groups after filtering": {
			dialect: sandbox.DialectReference, path: "groups?status=active",
			pick: func(t *testing.T, answer any) any { return one(t, listOf(t, answer), "129", "id") },
			want: sampleGroup,
		},
		"one group": {
			dialect: sandbox.DialectReference, path: "groups/129",
			pick: func(_ *testing.T, answer any) any { return answer },
			want: sampleGroup,
		},
		"one group as a resource": {
			dialect: sandbox.DialectResource, path: "groups/129",
			pick: func(_ *testing.T, answer any) any { return answer },
			want: `{"data":` + sampleGroup + `}`,
		},
		"portfolio item": {
			dialect: sandbox.DialectReference, path: "portfolio",
			pick: func(t *testing.T, answer any) any { return one(t, listOf(t, answer), "4007195", "client_id") },
			want: `{"client_id":4007195,"priority":12,"name":"ООО \"ВЫХЛОПНЫЕ СИСТЕМЫ\"",
				"okved_vid_deyatelnosti":"Торговля оптовая автомобильными деталями, узлами и принадлежностями",
				"data_posledniy_contact_unixtime":1541665341,"vyruchka_period":null,"vyruchka_za_god":"2279000",
				"posledniy_resultat_text":"Отложенная потребность (клиент думает , отправлено ком. предложение)"}`,
		},
		"portfolio item with tasks": {
			dialect: sandbox.DialectReference, path: "portfolio?tasks=duedate",
			pick: func(t *testing.T, answer any) any { return one(t, listOf(t, answer), "4007128", "client_id") },
			want: `{"client_id":4007128,"priority":10,"name":"ООО \"КИФ \"ПИРУЗ\"",
				"okved_vid_deyatelnosti":"Торговля оптовая фруктами и овощами","data_posledniy_contact_unixtime":1541665890,
				"vyruchka_period":null,"vyruchka_za_god":"289660000",
				"posledniy_resultat_text":"Отложенная потребность (клиент думает , отправлено ком. предложение)",
				"tasks":[{"a_id":2598415,"client_id":4007128,"creator_uid":2,"created_server_unixtime":1538568386,"act_type":0,
				"act_start_time":1548943253,"act_end_time":null,"act_result":null,"act_result_uid":null,"act_result_unixtime":null,
				"act_result_next_etap":null,"act_result_reason":null,"next_contact":null,
				"act_zametka_text":"вопрос по ипотек, передала данные Дельте","act_is_first_contact":null,"group_id":2,
				"executor_uid":2,"act_sub_status":null,"act_id":null}]}`,
		},
		"portfolio item as a resource": {
			dialect: sandbox.DialectResource, path: "portfolio",
			pick: func(t *testing.T, answer any) any {
				item := one(t, listOf(t, answer), "4007190", "id")
				delete(item, "lastTask") // observed, and not in the sample
				return item
			},
			want: `{"id":4007190,"valuation":12,"name":"Коновалова Ольга Анатольевна",
				"industry":"Торговля розничная фруктами и овощами в специализированных магазинах",
				"activity":{"result":"Отложенная потребность (клиент думает , отправлено ком. предложение)","date":1541664664},
				"money":{"period":null,"amount":"2279000"}}`,
		},
		"task": {
			dialect: sandbox.DialectReference, path: "tasks?status=completed",
			pick: func(t *testing.T, answer any) any { return one(t, listOf(t, answer), "2598431", "id") },
			want: sampleTask,
		},
		"task as a resource": {
			dialect: sandbox.DialectResource, path: "tasks?status=completed",
			pick: func(t *testing.T, answer any) any { return one(t, listOf(t, answer), "2598431", "id") },
			want: sampleTask,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := test.pick(t, portal(t, servers[test.dialect], workspace+test.path))
			if diff := cmp.Diff(decodeText(t, []byte(test.want)), got); diff != "" {
				t.Errorf("sample (-want +got):\n%s", diff)
			}
		})
	}
}

const sampleGroup = `{"id":129,"name":"Контрагенты клиентов Росбанк: ПАО Московский кредитный банк",
	"description":"Контрагенты клиентов Росбанк: ПАО Московский кредитный банк","author":3547,"created_at":1502899343,
	"valuation":10,"customers":132}`

const sampleTask = `{"id":2598431,"customer":{"id":4007132,"name":"БУДАЕВА ДОЛЖИТ ЦЫРЕНДОНДОКОВНА","valuation":10},
	"status":"Завершено","result":{"status":1,"id":6456},"created":1538568470,"type":"Звонок","start_date":1538568470000,
	"comment":"Запросил документы, отправляю на СВЗ"}`

func TestSmallSizesKeepSamplesFirst(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{Customers: 1, Groups: 1, Tasks: 1, Projects: 1})
	m := s.Data().Managers[0]
	got := []int64{m.Groups[0].ID, m.Customers[0].ID, m.Tasks[0].ID, int64(len(m.Groups)), int64(len(m.Customers)), int64(len(m.Tasks))}
	want := []int64{283, 4007128, 2598415, 1, 1, 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ids and sizes (-want +got):\n%s", diff)
	}
}
