package front_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzRequest holds that any bytes on a connection are the same requests, and get the same
// answers, as from net/http.
func FuzzRequest(f *testing.F) {
	for _, test := range inputs() {
		if len(test.sent) < 4<<10 {
			f.Add(test.sent, 0)
		}
	}
	both := startPlayers(f, answerNoted)
	f.Fuzz(func(t *testing.T, sent string, piece int) {
		if len(sent) > maxFuzzed {
			return
		}
		if piece <= 0 {
			piece = math.MaxInt
		}
		want, got := both.other.play(sent, piece), both.front.play(sent, piece)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("what comes of it (-net/http +front):\n%s", diff)
		}
	})
}

// maxFuzzed is large enough for a head that is too large to be plain.
const maxFuzzed = 32 << 10
