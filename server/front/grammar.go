package front

// isToken reports whether s is a name as RFC 9110 has it (token).
func isToken(s string) bool {
	for i := range len(s) {
		if !tokenBytes[s[i]] {
			return false
		}
	}
	return s != ""
}

var tokenBytes = bytesOf("!#$%&'*+-.^_`|~" + alphanumerics)

// isCanonical reports whether s is a name of the form that net/http gives names.
func isCanonical(s string) bool {
	begins := true // a word
	for i := range len(s) {
		switch c := s[i]; {
		case !tokenBytes[c],
			begins && 'a' <= c && c <= 'z',
			!begins && 'A' <= c && c <= 'Z':
			return false
		default:
			begins = c == '-'
		}
	}
	return s != ""
}

// isHost reports whether s is one or more bytes of which names, addresses and ports consist.
func isHost(s string) bool {
	for i := range len(s) {
		if !hostBytes[s[i]] {
			return false
		}
	}
	return s != ""
}

var hostBytes = bytesOf("-._:[]" + alphanumerics)

// isPlainPath reports whether s is the path of a URL, and says just what it looks like.
func isPlainPath(s string) bool {
	for i := range len(s) {
		if !pathBytes[s[i]] {
			return false
		}
	}
	return true
}

var pathBytes = bytesOf("/-._~" + alphanumerics)

const alphanumerics = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

func bytesOf(s string) (set [256]bool) {
	for i := range len(s) {
		set[s[i]] = true
	}
	return set
}

// isFieldValue reports whether s can be the value of a field: no control characters but tabs.
func isFieldValue(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// isVisible reports whether all of s are visible ASCII characters.
func isVisible(s []byte) bool {
	for _, c := range s {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}

// trimBlanks returns s without the spaces and tabs around it.
func trimBlanks(s string) string {
	for s != "" && isBlank(s[0]) {
		s = s[1:]
	}
	for s != "" && isBlank(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }
