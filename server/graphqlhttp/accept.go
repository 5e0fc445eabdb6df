package graphqlhttp

import (
	"strconv"
	"strings"
)

// Media types of responses.
const (
	JSON         = "application/json"
	ResponseJSON = "application/graphql-response+json"
)

// Negotiate returns which of the offered media types a client wants, by the values of its
// Accept header (RFC 9110, section 12.5.1): the one with the highest quality, then the
// one it names most exactly, then the one it names first, then the first of the offers.
// It is the first offer where the header is missing, and "" where none will do.
func Negotiate(accept []string, offers ...string) string {
	header := strings.Join(accept, ",")
	if strings.TrimSpace(header) == "" {
		return offers[0]
	}
	best, chosen := preference{}, ""
	for _, offer := range offers {
		if p := preferenceFor(offer, header); p.quality > 0 && p.before(best) {
			best, chosen = p, offer
		}
	}
	return chosen
}

// Weight returns the quality that the values of an Accept header give to a media type: from 0,
// for what the client does not take, to 1, also where there is no header.
func Weight(accept []string, mediaType string) float64 {
	header := strings.Join(accept, ",")
	if strings.TrimSpace(header) == "" {
		return 1
	}
	return preferenceFor(mediaType, header).quality
}

// preference is how much a client wants a media type.
type preference struct {
	quality   float64
	exactness int // of the range that says so: 0 for none
	position  int // of that range in the header
}

// before reports whether a client wants p rather than q.
func (p preference) before(q preference) bool {
	if p.quality != q.quality {
		return p.quality > q.quality
	}
	if p.exactness != q.exactness {
		return p.exactness > q.exactness
	}
	return p.position < q.position
}

// preferenceFor returns what the most exact range of an Accept header says of a media type.
func preferenceFor(mediaType, header string) preference {
	var found preference
	position := 0
	for rest, item := header, ""; rest != ""; position++ {
		item, rest = cutUnquoted(rest, ',')
		exactness, quality, ok := matchRange(item, mediaType)
		if ok && exactness > found.exactness {
			found = preference{quality, exactness, position}
		}
	}
	return found
}

// matchRange returns how exactly a media range names a media type, and with which quality.
// ok is false where it does not name it, or cannot be read.
func matchRange(item, mediaType string) (exactness int, quality float64, ok bool) {
	name, parameters := cutUnquoted(item, ';')
	name = strings.TrimSpace(name)
	group, _, _ := strings.Cut(mediaType, "/")
	switch {
	case strings.EqualFold(name, mediaType):
		exactness = 5
	case strings.HasSuffix(name, "/*") && strings.EqualFold(strings.TrimSuffix(name, "/*"), group):
		exactness = 3
	case name == "*/*":
		exactness = 1
	default:
		return 0, 0, false
	}
	quality = 1
	for parameter := ""; parameters != ""; {
		parameter, parameters = cutUnquoted(parameters, ';')
		key, value, _ := strings.Cut(parameter, "=")
		value = strings.Trim(strings.TrimSpace(value), `"`)
		switch strings.ToLower(strings.TrimSpace(key)) {
		case "q":
			if quality, ok = parseQuality(value); !ok {
				return 0, 0, false
			}
		case "charset":
			if !strings.EqualFold(value, "utf-8") {
				return 0, 0, false
			}
			exactness++
		}
	}
	return exactness, quality, true
}

// parseQuality reads a weight: from 0 to 1, with three digits after the point at most.
func parseQuality(text string) (quality float64, ok bool) {
	if len(text) == 0 || len(text) > len("0.000") || strings.Trim(text, "0123456789.") != "" {
		return 0, false
	}
	quality, err := strconv.ParseFloat(text, 64)
	return quality, err == nil && quality <= 1
}

// cutUnquoted cuts s at the first separator that is not within a quoted string.
func cutUnquoted(s string, separator byte) (before, after string) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == separator && !quoted:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}
