package compress

import (
	"strings"
)

// wholeQuality is q=1 in thousandths, as fine as weights are (RFC 9110, section 12.4.2).
const wholeQuality = 1000

// choose returns the encoding of known that the lines of Accept-Encoding give the highest
// weight, the first of equals, or nil where none is acceptable or leaving the body as it is
// weighs more.
func choose(lines []string, known []*encoding) *encoding {
	if len(lines) == 0 {
		return nil
	}
	var best *encoding
	most := max(weightOf(lines, "identity", false), 0)
	for _, e := range known {
		weight := weightOf(lines, e.name, true)
		if weight > 0 && (weight > most || best == nil && weight >= most) {
			best, most = e, weight
		}
	}
	return best
}

// weightOf returns the weight of an encoding in thousandths, that of * if it is not named
// itself and wildcard is set, or -1.
func weightOf(lines []string, name string, wildcard bool) int {
	anything := -1
	for _, line := range lines {
		for element := range strings.SplitSeq(line, ",") {
			coding, parameters, _ := strings.Cut(element, ";")
			switch coding = strings.TrimSpace(coding); {
			case strings.EqualFold(coding, name):
				return quality(parameters)
			case coding == "*" && wildcard:
				anything = quality(parameters)
			}
		}
	}
	return anything
}

// quality reads the parameter q: 1 where there is none, 0 where it is none.
func quality(parameters string) int {
	name, value, found := strings.Cut(strings.TrimSpace(parameters), "=")
	if !found || !strings.EqualFold(strings.TrimSpace(name), "q") {
		return wholeQuality
	}
	whole, fraction, _ := strings.Cut(strings.TrimSpace(value), ".")
	if whole != "0" && whole != "1" || len(fraction) > 3 {
		return 0
	}
	weight := int(whole[0]-'0') * wholeQuality
	for i, unit := 0, wholeQuality/10; i < len(fraction); i, unit = i+1, unit/10 {
		if fraction[i] < '0' || fraction[i] > '9' {
			return 0
		}
		weight += int(fraction[i]-'0') * unit
	}
	if weight > wholeQuality {
		return 0
	}
	return weight
}
