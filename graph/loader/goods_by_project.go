package loader

import (
	"context"

	"crmgraph/upstream/solos"
)

// Goods returns what a project sells.
func (s *Set) Goods(ctx context.Context, project uint64) ([]*solos.Good, error) {
	return s.goods.load(ctx, project)
}

func (s *Set) fetchGoods(ctx context.Context, project uint64) ([]*solos.Good, error) {
	return s.solos.ListGoods(ctx, project)
}
