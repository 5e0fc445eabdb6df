package main

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"crmgraph/upstream"
	"crmgraph/upstream/cache"
	"crmgraph/upstream/proportal"
	"crmgraph/upstream/solos"
)

// otherOperations stands for all operations that --cache-ttl does not name.
const otherOperations = "*"

// defaultTTLs returns how long answers are fresh unless chosen otherwise, by upstream
// operation: what people work on changes by the minute, what describes a company or a
// group seldom.
func defaultTTLs() map[string]time.Duration {
	return map[string]time.Duration{
		proportal.ListGroupsCall.String():         time.Minute,
		proportal.GetGroupCall.String():           time.Minute,
		proportal.ListGroupCustomersCall.String(): 30 * time.Second,
		proportal.ListPortfolioCall.String():      30 * time.Second,
		proportal.CountPortfolioCall.String():     30 * time.Second,
		proportal.GetCustomerCall.String():        5 * time.Minute,
		proportal.ListTasksCall.String():          10 * time.Second,
		proportal.GetTaskBoardCall.String():       10 * time.Second,
		proportal.GetTaskCall.String():            10 * time.Second,
		proportal.ListCustomerTasksCall.String():  10 * time.Second,
		solos.ListProjectsCall.String():           15 * time.Second,
		solos.FilterProjectsCall.String():         15 * time.Second,
		solos.GetProjectCall.String():             15 * time.Second,
		solos.ListStepsCall.String():              15 * time.Second,
		solos.ListActionsCall.String():            15 * time.Second,
		solos.GetActionCall.String():              time.Minute,
		solos.ListChecklistsCall.String():         15 * time.Second,
		solos.ListGoodsCall.String():              time.Minute,
		solos.ListPaymentsCall.String():           30 * time.Second,
	}
}

// parseTTLs reads settings such as "proportal.tasks=5s" over the defaults.
func parseTTLs(settings []string) (map[string]time.Duration, error) {
	ttls := defaultTTLs()
	chosen := make(map[string]time.Duration, len(settings))
	for _, setting := range settings {
		operation, text, _ := strings.Cut(setting, "=")
		if _, known := ttls[operation]; !known && operation != otherOperations {
			return nil, fmt.Errorf("%q is not an operation such as proportal.tasks, or *", operation)
		}
		ttl, err := time.ParseDuration(text)
		if err != nil || ttl < 0 {
			return nil, fmt.Errorf("%s: want a duration such as 5s, or 0", operation)
		}
		chosen[operation] = ttl
	}
	if others, ok := chosen[otherOperations]; ok {
		for operation := range ttls {
			ttls[operation] = others
		}
		delete(chosen, otherOperations)
	}
	maps.Copy(ttls, chosen)
	return ttls, nil
}

// lifetimes returns how long the answers of each operation serve.
func (c *CacheConfig) lifetimes() (func(upstream.Service, string) cache.Lifetime, error) {
	ttls, err := parseTTLs(c.TTL)
	if err != nil {
		return nil, err
	}
	return func(service upstream.Service, operation string) cache.Lifetime {
		ttl := ttls[upstream.Call{Service: service, Operation: operation}.String()]
		if ttl == 0 {
			return cache.Lifetime{}
		}
		return cache.Lifetime{
			TTL:                  ttl,
			StaleWhileRevalidate: c.StaleWhileRevalidate,
			StaleIfError:         c.StaleIfError,
			NotFound:             min(ttl, c.NotFound),
		}
	}, nil
}
