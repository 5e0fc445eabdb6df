package upstream

import (
	"cmp"
	"strings"
)

// Decimal is an exact decimal number in plain notation, e.g. "2279000" or "-12.50".
// Amounts of money travel as text from the CRM to the client and are never floats.
type Decimal string

// ParseDecimal checks text as a JSON-like number and returns it in plain notation:
// an exponent is written out, a leading plus and superfluous leading zeros go, and
// the digits after the point stay as they were sent.
func ParseDecimal(text string) (Decimal, bool) {
	if isPlain(text) {
		return Decimal(text), true
	}
	text = strings.TrimSpace(text)
	negative, text := cutSign(text)
	mantissa, exponent, ok := splitExponent(text)
	if !ok {
		return "", false
	}
	whole, fraction, hasPoint := strings.Cut(mantissa, ".")
	if whole == "" && fraction == "" || hasPoint && fraction == "" || !allDigits(whole) || !allDigits(fraction) {
		return "", false
	}
	digits, point := whole+fraction, len(whole)+exponent
	if point <= 0 {
		digits, point = strings.Repeat("0", 1-point)+digits, 1
	}
	if point > len(digits) {
		digits += strings.Repeat("0", point-len(digits))
	}
	whole, fraction = strings.TrimLeft(digits[:point], "0"), digits[point:]
	if whole == "" {
		whole = "0"
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if negative && strings.ContainsAny(whole, "123456789") {
		whole = "-" + whole
	}
	return Decimal(whole), true
}

// isPlain reports whether number is in plain notation as it stands. It knows none of the
// forms of zero with a sign, which ParseDecimal has to take off some.
func isPlain[T string | []byte](number T) bool {
	start, point := 0, len(number)
	if len(number) > 0 && number[0] == '-' {
		start = 1
	}
	for i := start; i < len(number); i++ {
		switch {
		case isDigit(number[i]):
		case number[i] == '.' && point == len(number):
			point = i
		default:
			return false
		}
	}
	if point == start || point == len(number)-1 {
		return false // no digits before the point, or none after it
	}
	return number[start] != '0' || start == 0 && point == 1
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// maxExponent keeps a few bytes of "1e999999999" from becoming a gigabyte of zeros.
const maxExponent = 64

func splitExponent(text string) (mantissa string, exponent int, ok bool) {
	i := strings.IndexAny(text, "eE")
	if i < 0 {
		return text, 0, true
	}
	negative, digits := cutSign(text[i+1:])
	if digits == "" || !allDigits(digits) {
		return "", 0, false
	}
	for _, c := range digits {
		exponent = exponent*10 + int(c-'0')
		if exponent > maxExponent {
			return "", 0, false
		}
	}
	if negative {
		exponent = -exponent
	}
	return text[:i], exponent, true
}

// cutSign takes one sign off text.
func cutSign(text string) (negative bool, rest string) {
	if rest, ok := strings.CutPrefix(text, "-"); ok {
		return true, rest
	}
	return false, strings.TrimPrefix(text, "+")
}

func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}

// Compare returns -1, 0 or 1 as d is less than, equal to or greater than other. Both
// must come from ParseDecimal.
func (d Decimal) Compare(other Decimal) int {
	x, xNegative := strings.CutPrefix(string(d), "-")
	y, yNegative := strings.CutPrefix(string(other), "-")
	switch {
	case xNegative && !yNegative:
		return -1
	case !xNegative && yNegative:
		return 1
	case xNegative:
		x, y = y, x
	}
	xWhole, xFraction, _ := strings.Cut(x, ".")
	yWhole, yFraction, _ := strings.Cut(y, ".")
	return cmp.Or(
		cmp.Compare(len(xWhole), len(yWhole)),
		strings.Compare(xWhole, yWhole),
		strings.Compare(strings.TrimRight(xFraction, "0"), strings.TrimRight(yFraction, "0")),
	)
}
