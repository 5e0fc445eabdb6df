package graph

import (
	"context"
	"errors"
	"reflect"

	"crmgraph/graph/loader"
	"crmgraph/graph/model"
	"crmgraph/graph/watch"
	"crmgraph/upstream"
	"crmgraph/upstream/proportal"
)

// taskBoards tells of the changes of task boards.
type taskBoards struct {
	graph *Graph
	feed  *watch.Feed[proportal.TaskBoard, *model.TaskBoardChange]
}

func newTaskBoards(g *Graph, pollers *watch.Pollers) *taskBoards {
	boards := &taskBoards{graph: g}
	boards.feed = watch.NewFeed(pollers, watch.Source[proportal.TaskBoard, *model.TaskBoardChange]{
		Poll:    boards.poll,
		Equal:   func(before, now *proportal.TaskBoard) bool { return before == now || reflect.DeepEqual(before, now) },
		Event:   model.NewTaskBoardChange,
		Failure: model.NoTaskBoard,
		Refuses: func(err error) bool { return errors.Is(err, upstream.Unauthenticated) },
		Hides:   func(err error) bool { return errors.Is(err, upstream.Forbidden) || errors.Is(err, upstream.Rejected) },
		Expired: upstream.Unauthenticated,
	})
	return boards
}

// listen returns the changes of the viewer's board until ctx ends or the viewer's token does.
func (b *taskBoards) listen(ctx context.Context, op *operation) (<-chan *model.TaskBoardChange, error) {
	if b.graph.opts.ProPortal == nil {
		return nil, &upstream.Error{Call: proportal.GetTaskBoardCall, Kind: upstream.NotConfigured}
	}
	viewer := watch.Viewer{Scope: op.viewer.ID, Token: op.viewer.Token, ExpiresAt: op.viewer.ExpiresAt}
	if b.graph.opts.Service != nil {
		viewer.Scope = serviceAccount // there is one board
	}
	listener, err := b.feed.Listen(ctx, viewer)
	if err != nil {
		return nil, err
	}
	op.ending = listener.Err
	return listener.Events(), nil
}

// poll asks for the board that token shows.
func (b *taskBoards) poll(ctx context.Context, scope, token string) (board *proportal.TaskBoard, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = loader.Panicked(cause)
		}
	}()
	// What is kept has been seen already.
	ctx = upstream.WithOperation(ctx, &upstream.Operation{Terms: upstream.Terms{NoCache: true}})
	if b.graph.service != nil {
		return b.graph.service.GetTaskBoard(ctx)
	}
	return b.graph.opts.ProPortal.As(proportal.Identity{Subject: scope, Token: token}).GetTaskBoard(ctx)
}
