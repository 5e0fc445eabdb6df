package cache

import (
	"context"

	"crmgraph/upstream"
)

// alone asks question and shares the answer with nobody.
func alone(ctx context.Context, question upstream.Question) (upstream.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, question.Timeout())
	defer cancel()
	body, err := question.Ask(ctx)
	if err != nil {
		return upstream.Answer{}, err
	}
	defer body.Release()
	value, _, err := question.Read(body.Bytes())
	if err != nil {
		return upstream.Answer{}, err
	}
	return upstream.Answer{
		Value:     value,
		Freshness: upstream.Freshness{State: upstream.Fresh},
		Status:    body.Status,
		Bytes:     len(body.Bytes()),
	}, nil
}
