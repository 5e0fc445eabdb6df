package plan

import (
	"fmt"

	"crmgraph/graph/model"
	"crmgraph/upstream"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/solos"
)

// rules is the one table of what each field costs. They mirror package loader: what it
// asks for together is one call here.
func rules() map[string]rule {
	table := map[string]rule{
		"Mutation.login": login,

		"Query.node":      node,
		"Query.nodes":     node,
		"Query.groups":    groups,
		"Query.group":     group,
		"Query.portfolio": portfolio,
		"Query.customer":  customer,
		"Query.tasks":     tasks,
		"Query.task":      task,
		"Query.taskBoard": taskBoard,
		"Query.projects":  projects,
		"Query.project":   project,
		"Query.action":    action,

		"Subscription.taskBoardChanges": taskBoardChanges,

		"Group.customers": groupCustomers,

		"Customer.card":     card,
		"Customer.lastTask": lastTask,
		"Customer.tasks":    customerTasks,
		"Customer.projects": customerProjects,
		"Customer.timeline": timeline,

		"Task.customer": taskCustomer,

		"TaskBoard.planned":   boardList,
		"TaskBoard.completed": boardList,
		"TaskBoard.overdue":   boardList,

		"TaskBoardChange.added":   boardList,
		"TaskBoardChange.changed": boardList,

		"Project.customer":    projectCustomer,
		"Project.currentStep": part("Step", solos.ListStepsCall),
		"Project.steps":       part("Step", solos.ListStepsCall),
		"Project.checklists":  part("Checklist", solos.ListChecklistsCall),
		"Project.goods":       part("Good", solos.ListGoodsCall),
		"Project.actions":     page("ActionConnection", solos.ListActionsCall),
		"Project.payments":    page("PaymentConnection", solos.ListPaymentsCall),

		"TimelineConnection.nodes": timelineItems,
		"TimelineEdge.node":        timelineItems,
	}
	for _, typeName := range []string{"Step", "Action", "Checklist", "Good", "Payment"} {
		table[typeName+".project"] = partProject
	}
	return table
}

func login(w *walk, _ *selection, _ objects, path string) objects {
	w.call(proportal.LoginCall, path, 1, 1, path) // each is a call of its own
	return objects{typeName: "Session"}
}

func groups(w *walk, s *selection, _ objects, path string) objects {
	w.call(proportal.ListGroupsCall, s.key(), 1, 1, path)
	return objects{typeName: "Group", max: w.opts.Unbounded, id: s.key(), round: 1, idRound: 1}
}

func group(w *walk, s *selection, _ objects, path string) objects {
	return w.groupsByID(byArgument(s, model.GroupNode), path)
}

func (w *walk) groupsByID(of objects, path string) objects {
	w.call(proportal.GetGroupCall, of.id, of.round, of.max, path)
	of.typeName = "Group"
	return of
}

// byArgument is the one object that the argument id names.
func byArgument(s *selection, nodeType model.NodeType) objects {
	about := idOf(s.arguments["id"])
	if number, err := model.ParseID(nodeType, about); err == nil {
		about = fmt.Sprint(number)
	}
	return objects{max: 1, id: string(nodeType) + ":" + about, round: 1}
}

func groupCustomers(w *walk, s *selection, parents objects, path string) objects {
	about := parents.id + "/" + s.field.Name + s.text("status")
	w.call(proportal.ListGroupCustomersCall, about, parents.idRound+1, parents.max, path)
	return objects{
		typeName: "CustomerConnection", id: parents.id + "/" + s.key(), max: times(parents.max, s.first()),
		round: parents.idRound + 1, idRound: parents.idRound + 1, knows: ofRows,
	}
}

func node(w *walk, s *selection, _ objects, path string) objects {
	texts := []string{idOf(s.arguments["id"])}
	if s.field.Name == "nodes" {
		texts = s.ids("ids")
	}
	if len(texts) > model.MaxNodes {
		texts = nil // that many are refused, without a call
	}
	byType := map[model.NodeType]*objects{}
	for _, text := range texts {
		id, err := model.ParseNodeID(text)
		if err != nil {
			continue
		}
		if byType[id.Type] == nil {
			byType[id.Type] = &objects{typeName: string(id.Type), round: 1, idRound: 1, id: string(id.Type) + ":"}
		}
		byType[id.Type].max++
		byType[id.Type].id += fmt.Sprint(id.Project, "/", id.Number, ",")
	}
	all := objects{typeName: "Node"}
	for _, of := range byType {
		all.items = append(all.items, w.nodesOf(s, *of, path))
	}
	if len(all.items) == 0 {
		all.items = []objects{{typeName: "Group"}}
	}
	return all
}

func (w *walk) nodesOf(s *selection, of objects, path string) objects {
	switch model.NodeType(of.typeName) {
	case model.GroupNode:
		return w.groupsByID(of, path)
	case model.CustomerNode:
		return w.customers(s, of, needBasics, path)
	case model.TaskNode:
		return w.tasksByID(of, path)
	case model.ProjectNode:
		w.call(solos.GetProjectCall, of.id, 1, of.max, path)
	case model.ActionNode:
		w.call(solos.GetActionCall, of.id, 1, of.max, path)
	case model.StepNode:
		w.call(solos.ListStepsCall, of.id, 1, of.max, path)
	case model.ChecklistNode:
		w.call(solos.ListChecklistsCall, of.id, 1, of.max, path)
	case model.GoodNode:
		w.call(solos.ListGoodsCall, of.id, 1, of.max, path)
	case model.PaymentNode:
		w.call(solos.ListPaymentsCall, of.id, 1, of.max, path)
	}
	return of
}

func tasksWithStatus(status string) []proportal.TaskStatus {
	switch status {
	case "PLANNED":
		return []proportal.TaskStatus{proportal.TaskPlanned}
	case "COMPLETED":
		return []proportal.TaskStatus{proportal.TaskCompleted}
	case "OVERDUE":
		return []proportal.TaskStatus{proportal.TaskOverdue}
	default:
		return []proportal.TaskStatus{proportal.TaskPlanned, proportal.TaskOverdue, proportal.TaskCompleted}
	}
}

// taskLists asks for the lists that hold the tasks of a status.
func (w *walk) taskLists(status string, round int, path, asker string) {
	for _, list := range tasksWithStatus(status) {
		w.call(proportal.ListTasksCall, string(list), round, 1, path)
		if w.listAskers[list] == nil {
			w.listAskers[list] = map[string]struct{}{}
		}
		w.listAskers[list][asker] = struct{}{}
	}
}

func tasks(w *walk, s *selection, _ objects, path string) objects {
	w.taskLists(s.text("status"), 1, path, path)
	return objects{typeName: "TaskConnection", max: s.first(), id: s.key(), round: 1, idRound: 1}
}

func task(w *walk, s *selection, _ objects, path string) objects {
	return w.tasksByID(byArgument(s, model.TaskNode), path)
}

// tasksByID asks for the lists where these are fewer calls than a call a task; what they
// do not have costs a call each all the same.
func (w *walk) tasksByID(of objects, path string) objects {
	of.typeName = "Task"
	if lists := tasksWithStatus(""); of.max > len(lists) {
		w.taskLists("", of.round, path, path)
		of.round++
	} else if !w.opts.Installation.Tasks {
		w.call(proportal.ListTasksCall, "detour", of.round+1, len(lists), path)
	}
	w.call(proportal.GetTaskCall, of.id, of.round, of.max, path)
	return of
}

func taskBoard(w *walk, _ *selection, _ objects, path string) objects {
	w.call(proportal.GetTaskBoardCall, "", 1, 1, path)
	return objects{typeName: "TaskBoard", max: 1, id: "taskBoard", round: 1, idRound: 1}
}

// taskBoardChanges plans one event. The board is polled for all who listen, and counts
// for each of them.
func taskBoardChanges(w *walk, s *selection, parents objects, path string) objects {
	change := taskBoard(w, s, parents, path)
	change.typeName = "TaskBoardChange"
	return change
}

func boardList(w *walk, s *selection, parents objects, _ string) objects {
	parents.typeName, parents.max = "Task", w.opts.Unbounded
	parents.id += "/" + s.field.Name
	return parents
}

func projects(w *walk, s *selection, _ objects, path string) objects {
	call := solos.ListProjectsCall
	if s.arguments["filter"] != nil {
		call = solos.FilterProjectsCall
	}
	w.call(call, s.key(), 1, 1, path)
	return objects{typeName: "ProjectConnection", max: s.first(), id: s.key(), round: 1, idRound: 1}
}

func project(w *walk, s *selection, _ objects, path string) objects {
	of := byArgument(s, model.ProjectNode)
	w.call(solos.GetProjectCall, of.id, 1, 1, path)
	of.typeName = "Project"
	return of
}

func action(w *walk, s *selection, _ objects, path string) objects {
	of := byArgument(s, model.ActionNode)
	w.call(solos.GetActionCall, of.id, 1, 1, path)
	of.typeName = "Action"
	return of
}

// part is a list of a project's parts that comes whole.
func part(typeName string, call upstream.Call) rule {
	return func(w *walk, s *selection, parents objects, path string) objects {
		about := parents.id
		if s.field.Name == "steps" && (s.arguments["date"] != nil || s.arguments["stepIds"] != nil) {
			about += "/" + s.key()
		}
		round := w.call(call, about, w.stepRound(s, parents), parents.max, path)
		return parts(typeName, s, parents, max(round, w.stepRound(s, parents)-1))
	}
}

// stepRound is the round of a project's parts: they need its id alone, but for the
// current step, which the project itself has to name.
func (w *walk) stepRound(s *selection, parents objects) int {
	if s.field.Name == "currentStep" {
		return parents.round + 1
	}
	return parents.idRound + 1
}

func parts(typeName string, s *selection, parents objects, round int) objects {
	return objects{
		typeName: typeName, id: parents.id + "/" + s.key(), max: parents.max,
		round: round, idRound: round, projects: &parents,
	}
}

// page is a page of a project's parts. Where all of them are read anyway, their beginning is there.
func page(typeName string, call upstream.Call) rule {
	return func(w *walk, s *selection, parents objects, path string) objects {
		about := parents.id + "/" + s.key()
		if parents.areWhole && s.hasOnly("first") {
			about = parents.id
		}
		round := w.call(call, about, parents.idRound+1, parents.max, path)
		of := parts(typeName, s, parents, max(round, parents.idRound))
		of.max = times(parents.max, s.first())
		return of
	}
}

// partProject leads from a part back to its project: the one it was reached from, or,
// where it was named by its id, one that has to be asked for.
func partProject(w *walk, _ *selection, parents objects, path string) objects {
	if parents.projects != nil {
		return parents.projects.ledBackFrom(parents)
	}
	w.call(solos.GetProjectCall, parents.id, parents.round+1, parents.max, path)
	return objects{
		typeName: "Project", id: parents.id + "/project", max: parents.max,
		round: parents.round + 1, idRound: parents.round + 1,
	}
}
