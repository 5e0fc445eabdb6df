package graphqlws_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"crmgraph/graph/watch"
	"crmgraph/server/graphqlws"
	"crmgraph/server/streamtest"
	"crmgraph/upstream/sandbox"
)

// However many listen, each viewer's board costs one call.
func TestAThousandListenersOfTenViewersCostTenPolls(t *testing.T) {
	t.Parallel()
	g := streamtest.Start(t, streamtest.Options{
		Sandbox: sandbox.Options{Managers: 10, Tasks: 20, Customers: 10, Projects: 1},
		Watch:   watch.Options{Interval: time.Hour},
	})
	const connections, each = 100, 10
	var clients []*client
	for i := range connections {
		clients = append(clients, connect(t, g, g.CRMs.ManagerIDs()[i%10]))
	}
	for _, c := range clients {
		for id := range each {
			c.subscribe(fmt.Sprint(id), "subscription { taskBoardChanges { asOf added { id } } }")
		}
	}
	for _, c := range clients {
		for range each {
			if got := c.next(); got.Type != "next" {
				t.Fatalf("got %s %s, want a board", got.Type, got.Payload)
			}
		}
	}
	if diff := cmp.Diff(map[string]int{"proportal.taskBoard": 10}, g.CRMs.Calls()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(watch.Stats{Polling: 10, Listening: connections * each}, g.Pollers.Stats()); diff != "" {
		t.Errorf("while all listen (-want +got):\n%s", diff)
	}
	for _, c := range clients {
		_ = c.socket.CloseNow()
	}
	// The gateway waits for what ran; by then all have left.
	if err := g.WebSocket.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(watch.Stats{}, stopped(g.Pollers)); diff != "" {
		t.Errorf("when all have left (-want +got):\n%s", diff)
	}
}

// stopped returns the counts when what was told to stop has stopped.
func stopped(pollers *watch.Pollers) watch.Stats {
	pollers.Close()
	return pollers.Stats()
}

// Whatever changes, and however slowly somebody reads: what is told adds up to the board, and
// no event tells of nothing.
func TestNoChangeIsMissedOrRepeated(t *testing.T) {
	t.Parallel()
	g := streamtest.Start(t, streamtest.Options{
		Sandbox: sandbox.Options{Managers: 2, Tasks: 30, Customers: 10, Projects: 1},
		Watch:   watch.Options{Interval: time.Millisecond},
	})
	manager, other := g.CRMs.ManagerIDs()[0], g.CRMs.ManagerIDs()[1]
	var readers sync.WaitGroup
	for pace := range 4 {
		c := connect(t, g, manager)
		c.subscribe("1", `subscription { taskBoardChanges {
			board { planned { ...T } completed { ...T } overdue { ...T } } added { ...T } changed { ...T } removedIds } }
			fragment T on Task { id status comment result { code } }`)
		readers.Go(func() { c.follow(pace) })
	}
	idle := connect(t, g, other)
	idle.subscribe("1", "subscription { taskBoardChanges { asOf } }")
	idle.next()

	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for n := range 200 {
		change(t, g, manager, random, firstAdded+int64(n), fmt.Sprint("change ", n))
		g.AwaitCalls(t, "proportal.taskBoard", random.IntN(3))
	}
	change(t, g, manager, random, firstAdded-1, lastComment)
	readers.Wait()
	idle.send(`{"type":"ping"}`)
	idle.expect(`{"type":"pong"}`) // and nothing before, of another manager's changes
}

// firstAdded is the id of the first task that may be added. Each has another.
const firstAdded = 9_000_000

// change adds one under an id, changes, completes or removes one of a manager's tasks, and has the
// newest open one say comment.
func change(t *testing.T, g *streamtest.Gateway, manager int64, random *rand.Rand, id int64, comment string) {
	t.Helper()
	err := g.CRMs.ChangeTasks(manager, func(tasks []*sandbox.Task) []*sandbox.Task {
		one := random.IntN(len(tasks))
		switch random.IntN(4) {
		case 0:
			added := *tasks[one]
			added.ID, added.Result, added.ResultAt = id, nil, nil
			tasks = append(tasks, &added)
		case 1:
			tasks[one].Comment = &comment
		case 2:
			tasks[one].Result, tasks[one].ResultAt = new(int64(1)), new(g.CRMs.Now())
		case 3:
			if len(tasks) > 10 {
				tasks = slices.Delete(tasks, one, one+1)
			}
		}
		open := slices.IndexFunc(tasks, func(each *sandbox.Task) bool { return each.Result == nil })
		if open < 0 {
			open = 0
			tasks[open].Result, tasks[open].ResultAt = nil, nil
		}
		tasks[open].Comment = &comment
		return tasks
	})
	if err != nil {
		t.Fatal(err)
	}
}

// lastComment marks the board that is the last.
const lastComment = "the end"

// task is one as the subscription selects it.
type task struct {
	ID, Status, Comment string
	Result              struct{ Code int }
}

// follow adds up what is told until the last change, and compares it with each board.
func (c *client) follow(pace int) {
	known := map[string]task{}
	for first := true; ; first = false {
		for range pace { // others run meanwhile
			c.send(`{"type":"pong"}`)
		}
		var data struct {
			Data struct {
				TaskBoardChanges struct {
					Board          struct{ Planned, Completed, Overdue []task }
					Added, Changed []task
					RemovedIDs     []string
				}
			}
		}
		if err := json.Unmarshal(c.next().Payload, &data); err != nil {
			c.t.Error(err)
			return
		}
		change := data.Data.TaskBoardChanges
		board := map[string]task{}
		ended := false
		for _, each := range slices.Concat(change.Board.Planned, change.Board.Completed, change.Board.Overdue) {
			board[each.ID] = each
			ended = ended || each.Comment == lastComment
		}
		if first {
			known = board
		} else if len(change.Added)+len(change.Changed)+len(change.RemovedIDs) == 0 {
			c.t.Error("an event tells of no change")
		}
		for _, each := range change.Added {
			if old, ok := known[each.ID]; ok {
				c.t.Errorf("added: %v, which was there as %v", each, old)
			}
			known[each.ID] = each
		}
		for _, each := range change.Changed {
			if old, ok := known[each.ID]; !ok || old == each {
				c.t.Errorf("changed: %v, which was %v", each, old)
			}
			known[each.ID] = each
		}
		for _, id := range change.RemovedIDs {
			if _, ok := known[id]; !ok {
				c.t.Errorf("removed: %s, which was not there", id)
			}
			delete(known, id)
		}
		if diff := cmp.Diff(board, known); diff != "" {
			c.t.Errorf("what was told does not add up (-board +told):\n%s", diff)
			return
		}
		if ended {
			return
		}
	}
}

// One who does not read is cut off, and holds up nobody.
func TestClientsThatDoNotReadAreCutOff(t *testing.T) {
	t.Parallel()
	g := streamtest.Start(t, streamtest.Options{WebSocket: graphqlws.Options{
		WriteTimeout: 100 * time.Millisecond, MaxOperations: 10_000, MaxMessage: 8 << 20,
	}})
	c := connect(t, g, 2)
	// Each pong is as long as its ping: in the end nobody has room for more.
	ping := `{"type":"ping","payload":{"x":"` + strings.Repeat("x", 4<<20) + `"}}`
	var err error
	for range 100 {
		if err = c.socket.Write(t.Context(), websocket.MessageText, []byte(ping)); err != nil {
			break
		}
	}
	if err == nil {
		t.Error("one who reads nothing can go on sending")
	}
	reading := connect(t, g, 2)
	reading.subscribe("1", "{ viewer { id } }")
	reading.expect(`{"type":"next","id":"1","payload":{"data":{"viewer":{"id":"2"}}}}`)
}

// A client that answers no pings has gone.
func TestClientsThatAnswerNoPingsAreCutOff(t *testing.T) {
	t.Parallel()
	g := streamtest.Start(t, streamtest.Options{WebSocket: graphqlws.Options{KeepAlive: 50 * time.Millisecond}})
	c := connect(t, g, 2)
	c.subscribe("1", board)
	// Nobody reads, so that nobody answers pings; listening ends with the connection.
	streamtest.Await(t, "the listening begins", func() bool { return g.Pollers.Stats().Listening == 1 })
	streamtest.Await(t, "the listening ends", func() bool { return g.Pollers.Stats().Listening == 0 })
}
