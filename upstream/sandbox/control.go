package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// controlPath is where the sandbox itself answers, on both listeners: without
// authentication, uncounted, and untouched by faults.
const controlPath = "/__sandbox/"

// faultOrder is the body of a request to set a fault. Durations are written as Go does, e.g. "200ms".
type faultOrder struct {
	Target     string    `json:"target"`
	Kind       FaultKind `json:"kind"`
	Status     int       `json:"status"`
	RetryAfter duration  `json:"retryAfter"`
	Delay      duration  `json:"delay"`
	Location   string    `json:"location"`
	Times      int       `json:"times"`
}

// duration is a time.Duration that reads its text form.
type duration time.Duration

// UnmarshalText reads a duration such as "200ms".
func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = duration(parsed)
	return err
}

// controlHandler serves GET calls, GET requests, GET token?manager=2, POST revoke-tokens,
// POST reset, POST faults, and POST comment?manager=2&text=…, which changes the comment of the
// manager's newest task.
func (s *Sandbox) controlHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+controlPath+"calls", func(w http.ResponseWriter, _ *http.Request) {
		jsonStatus(http.StatusOK, s.Calls()).write(w)
	})
	mux.HandleFunc("GET "+controlPath+"requests", func(w http.ResponseWriter, _ *http.Request) {
		requests := s.Requests()
		if requests == nil {
			requests = []Request{}
		}
		jsonStatus(http.StatusOK, requests).write(w)
	})
	mux.HandleFunc("GET "+controlPath+"token", s.controlToken)
	mux.HandleFunc("POST "+controlPath+"revoke-tokens", func(w http.ResponseWriter, _ *http.Request) {
		s.RevokeTokens()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST "+controlPath+"reset", func(w http.ResponseWriter, _ *http.Request) {
		s.Reset()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST "+controlPath+"faults", s.controlFaults)
	mux.HandleFunc("POST "+controlPath+"comment", s.controlComment)
	return mux
}

func (s *Sandbox) controlToken(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.URL.Query().Get("manager"), 10, 64)
	if err != nil || !slices.Contains(s.ManagerIDs(), id) {
		controlError(http.StatusNotFound, fmt.Sprintf("the managers are %d", s.ManagerIDs())).write(w)
		return
	}
	jsonStatus(http.StatusOK, map[string]string{"token": s.Token(id)}).write(w)
}

func (s *Sandbox) controlComment(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if err := s.comment(managerNumber(query.Get("manager")), query.Get("text")); err != nil {
		controlError(http.StatusNotFound, err.Error()).write(w)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Sandbox) controlFaults(w http.ResponseWriter, r *http.Request) {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequestBody))
	decoder.DisallowUnknownFields()
	var order faultOrder
	if err := decoder.Decode(&order); err != nil {
		controlError(http.StatusBadRequest, err.Error()).write(w)
		return
	}
	fault := Fault{
		Kind:       order.Kind,
		Status:     order.Status,
		RetryAfter: time.Duration(order.RetryAfter),
		Delay:      time.Duration(order.Delay),
		Location:   order.Location,
		Times:      order.Times,
	}
	if err := fault.validate(order.Target); err != nil {
		controlError(http.StatusBadRequest, err.Error()).write(w)
		return
	}
	s.faults.set(order.Target, fault)
	w.WriteHeader(http.StatusNoContent)
}

func controlError(status int, message string) answer {
	return jsonStatus(status, map[string]string{"error": message})
}
