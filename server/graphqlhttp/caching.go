package graphqlhttp

import (
	"net/http"
	"strconv"
	"time"

	"crmgraph/graph"
)

// setCaching says how long a response may be used again, and by its viewer alone: as long as
// all of its parts are fresh. One that failed in part, or of which no CRM knows, is not kept.
func setCaching(header http.Header, fresh graph.Freshness) {
	if !fresh.Known {
		header["Cache-Control"] = []string{"no-store"}
		return
	}
	header["Age"] = []string{seconds(fresh.Age)}
	// The age counts against it, so that what is left is the shortest time of all parts.
	header["Cache-Control"] = []string{"private, max-age=" + seconds(fresh.Age+fresh.Left)}
}

func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }
