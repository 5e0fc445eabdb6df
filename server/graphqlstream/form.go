package graphqlstream

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
)

// Media types of responses in parts.
const (
	eventStreamType = "text/event-stream"
	multipartType   = "multipart/mixed"
)

// form is how parts are written.
type form interface {
	// setHeader says what the response is.
	setHeader(header http.Header)
	// appendStart appends what comes before all parts.
	appendStart(body []byte) []byte
	// appendPart appends a part that is JSON on one line.
	appendPart(body, part []byte) []byte
	// appendSign appends a sign of life; nothing where the form has none.
	appendSign(body []byte) []byte
	// appendEnd appends what comes after all parts.
	appendEnd(body []byte) []byte
}

// formFor returns the form in which a client wants the parts of an operation, of which nil is
// one that is not run, and its weight; it is nil if there is none that the client takes.
func formFor(accept []string, op *graphql.OperationContext) (best form, highest float64) {
	isEndless := op != nil && IsSubscription(op)
	for item := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		name, parameters, err := mime.ParseMediaType(item)
		if err != nil {
			continue
		}
		quality := 1.0
		if q, ok := parameters["q"]; ok {
			if quality, err = strconv.ParseFloat(q, 64); err != nil {
				continue
			}
		}
		var found form
		switch {
		case name == eventStreamType:
			found = eventStream{}
		case name == multipartType && isEndless && parameters["subscriptionspec"] == "1.0":
			found = multipartSubscription{}
		case name == multipartType && !isEndless && takesDeferred(parameters):
			found = multipart{}
		}
		if found != nil && quality > highest {
			best, highest = found, quality
		}
	}
	return best, highest
}

// takesDeferred reports whether a client that takes multipart/mixed, with these parameters,
// reads deferred parts as they are written here.
func takesDeferred(parameters map[string]string) bool {
	spec, ok := parameters["deferspec"]
	if !ok {
		return parameters["incrementalspec"] == "" && parameters["subscriptionspec"] == ""
	}
	return spec == "20220824"
}

// eventStream is text/event-stream, with the events of graphql-sse.
type eventStream struct{}

func (eventStream) setHeader(header http.Header) {
	header.Set("Content-Type", eventStreamType+"; charset=utf-8")
}

// appendStart has the client know at once that there is a stream.
func (s eventStream) appendStart(body []byte) []byte { return s.appendSign(body) }

func (eventStream) appendPart(body, part []byte) []byte {
	body = append(append(body, "event: next\ndata: "...), part...)
	return append(body, "\n\n"...)
}

func (eventStream) appendSign(body []byte) []byte { return append(body, ":\n\n"...) }

// appendEnd has a field without data, or browsers would drop the event.
func (eventStream) appendEnd(body []byte) []byte {
	return append(body, "event: complete\ndata: \n\n"...)
}

// multipart is multipart/mixed with the boundary "-". The delimiter that ends a part comes
// with it, or a client could not tell before the next part that it is whole.
type multipart struct{}

const delimiter = "\r\n---"

func (multipart) setHeader(header http.Header) {
	header.Set("Content-Type", multipartType+`; boundary="-"; deferSpec=20220824`)
}

func (multipart) appendStart(body []byte) []byte { return append(body, delimiter...) }

func (multipart) appendPart(body, part []byte) []byte {
	body = append(body, "\r\nContent-Type: application/json; charset=utf-8\r\n\r\n"...)
	return append(append(body, part...), delimiter...)
}

func (multipart) appendSign(body []byte) []byte { return body }

func (multipart) appendEnd(body []byte) []byte { return append(body, "--\r\n"...) }

// multipartSubscription is multipart/mixed as Apollo's clients take subscriptions in it: each
// response is a payload, and an empty object is a sign of life.
type multipartSubscription struct{ multipart }

func (multipartSubscription) setHeader(header http.Header) {
	header.Set("Content-Type", multipartType+`; boundary="-"; subscriptionSpec=1.0`)
}

func (m multipartSubscription) appendPart(body, part []byte) []byte {
	payload := append([]byte(`{"payload":`), part...)
	return m.multipart.appendPart(body, append(payload, '}'))
}

func (m multipartSubscription) appendSign(body []byte) []byte {
	return m.multipart.appendPart(body, []byte("{}"))
}
