// Command stock answers the queries of the bench as the documentation of gqlgen,
// dataloader and the standard library teaches, with no tuning at all.
package main

//go:generate go tool gqlgen generate

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"runtime"
	"time"
	_ "time/tzdata" // for Moscow, wherever it runs

	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"

	"crmgraph/bench/stock/crm"
	"crmgraph/bench/stock/graph"
	"crmgraph/bench/stock/loaders"
)

func main() {
	zone, err := time.LoadLocation("Europe/Moscow")
	if err != nil {
		log.Fatal(err)
	}
	client := &crm.Client{
		ProPortalURL: os.Getenv("CRMGRAPH_PROPORTAL_URL"),
		SolosURL:     os.Getenv("CRMGRAPH_SOLOS_URL"),
		SolosToken:   os.Getenv("CRMGRAPH_SOLOS_TOKEN"),
		SolosSecret:  os.Getenv("CRMGRAPH_SOLOS_SECRET"),
		Zone:         zone,
	}

	srv := handler.New(graph.NewExecutableSchema(graph.Config{Resolvers: &graph.Resolver{Client: client}}))
	srv.AddTransport(transport.Options{})
	srv.AddTransport(transport.GET{})
	srv.AddTransport(transport.POST{})
	srv.SetQueryCache(lru.New[*ast.QueryDocument](1000))
	srv.Use(extension.Introspection{})
	srv.Use(extension.AutomaticPersistedQuery{Cache: lru.New[string](100)})

	http.Handle("/graphql", passToken(loaders.Middleware(client, srv)))
	http.HandleFunc("/metrics", metrics)
	log.Fatal(http.ListenAndServe(os.Getenv("CRMGRAPH_LISTEN"), nil))
}

// passToken keeps the viewer's token for the calls to ProPortal.
func passToken(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(crm.WithToken(r.Context(), r.Header.Get("Authorization"))))
	})
}

// metrics tells the bench how many objects were allocated.
func metrics(w http.ResponseWriter, _ *http.Request) {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	_, _ = fmt.Fprintf(w, "go_memstats_mallocs_total %d\n", stats.Mallocs)
}
