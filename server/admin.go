package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"crmgraph/server/auth"
	"crmgraph/server/middleware"
	"crmgraph/upstream/cache"
)

// purgePath is where operators have kept answers forgotten.
const purgePath = "/cache/purge"

// maxPurge is the size of the largest request for that.
const maxPurge = 4 << 10

// purgeJSON says which answers to forget: those that everything given applies to.
type purgeJSON struct {
	Operation string `json:"operation,omitempty"` // "proportal.tasks"
	Viewer    string `json:"viewer,omitempty"`    // a manager's id
	Entity    string `json:"entity,omitempty"`    // "customer:17"
	All       bool   `json:"all,omitempty"`
}

// purgedJSON is what came of it.
type purgedJSON struct {
	Purged   int    `json:"purged"`   // answers that this replica has forgotten
	Replicas string `json:"replicas"` // told, unreachable or none
}

// purge returns what p asks for, or says in a sentence what is wrong with it.
func (p purgeJSON) purge() (purge cache.Purge, fault string) {
	purge = cache.Purge{Operation: p.Operation, Viewer: p.Viewer, All: p.All}
	if p.Entity != "" {
		kind, id, _ := strings.Cut(p.Entity, ":")
		number, err := strconv.ParseUint(id, 10, 64)
		if _, known := entities()[kind]; !known || err != nil {
			return purge, "An entity is a kind and a number, such as customer:17 or project:5."
		}
		// Answers are known by numbers as they are sent, without zeros in front.
		purge.Entity = cache.Entity{Kind: kind, ID: strconv.FormatUint(number, 10)}
	}
	if _, known := defaultTTLs()[p.Operation]; p.Operation != "" && !known {
		return purge, "There is no such operation; one is proportal.tasks."
	}
	if purge == (cache.Purge{}) {
		return purge, "Say what to forget: operation, viewer, entity or all."
	}
	return purge, ""
}

// newAdmin returns what operators reach with their token.
func newAdmin(token Secret, up *upstreams, logger *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+purgePath, func(w http.ResponseWriter, r *http.Request) { purgeAnswers(w, r, up) })
	return middleware.Chain(mux,
		middleware.RequestID,
		middleware.AccessLog(logger),
		middleware.Recover(logger),
		middleware.SecurityHeaders,
		operatorsOnly(token),
	)
}

// operatorsOnly lets those through who bring the token.
func operatorsOnly(token Secret) func(http.Handler) http.Handler {
	want := sha256.Sum256([]byte(token.Reveal()))
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			bearer, err := auth.Bearer(r.Header)
			got := sha256.Sum256([]byte(bearer))
			if err != nil || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
				w.Header().Set("WWW-Authenticate", "Bearer")
				middleware.WriteError(w, r, http.StatusUnauthorized, middleware.CodeUnauthenticated, "This needs the operators' token.")
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

func purgeAnswers(w http.ResponseWriter, r *http.Request, up *upstreams) {
	refuse := func(sentence string) {
		middleware.WriteError(w, r, http.StatusBadRequest, middleware.CodeBadUserInput, sentence)
	}
	var asked purgeJSON
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxPurge))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&asked); err != nil {
		refuse("The body is a JSON object with operation, viewer, entity or all.")
		return
	}
	purge, fault := asked.purge()
	if fault != "" {
		refuse(fault)
		return
	}
	answer := purgedJSON{Replicas: "none"}
	if up.shared != nil {
		answer.Replicas = "told"
	}
	var err error
	if answer.Purged, err = up.cache.Purge(r.Context(), purge); err != nil {
		// Memory has forgotten them; what is shared has not, and says so.
		answer.Replicas = "unreachable"
	}
	body, err := json.Marshal(answer)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if answer.Replicas == "unreachable" {
		w.WriteHeader(http.StatusBadGateway)
	}
	// A client that has gone does not read the answer; there is nobody to tell.
	_, _ = w.Write(body)
}
