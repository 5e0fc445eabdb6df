package graph

import (
	"context"
	"errors"
	"net/http"

	"crmgraph/graph/model"
	"crmgraph/upstream"
	"crmgraph/upstream/proportal"
)

const errServiceLogin = model.InputError("This gateway logs into ProPortal itself: bring a token of your own issuer instead.")

// login logs the caller in at ProPortal with the headers that it may pass on.
func (g *Graph) login(ctx context.Context) (*model.Session, error) {
	if g.opts.ProPortal == nil {
		return nil, &upstream.Error{Call: proportal.LoginCall, Kind: upstream.NotConfigured}
	}
	if g.opts.Service != nil {
		return nil, errServiceLogin
	}
	caller := callerFrom(ctx)
	var header http.Header
	if caller.LoginHeader != nil {
		header = caller.LoginHeader()
	}
	token, _, err := g.opts.ProPortal.Login(ctx, header)
	if err != nil {
		return nil, err
	}
	if caller.Admit == nil {
		return nil, errors.New("nobody can read the token that login brought")
	}
	viewer, err := caller.Admit(ctx, token)
	if err != nil {
		return nil, &upstream.Error{Call: proportal.LoginCall, Kind: upstream.Malformed, Status: http.StatusOK, Field: "token", Err: err}
	}
	return &model.Session{
		Token:     token,
		ExpiresAt: viewer.ExpiresAt,
		Viewer:    &model.Viewer{ID: viewer.ID, ExpiresAt: viewer.ExpiresAt},
	}, nil
}
