package solos

import (
	"slices"
	"testing"
)

// FuzzIDs checks that joined ids that are read the short way read as they do the long way.
func FuzzIDs(f *testing.F) {
	for _, text := range []string{"1;2,3_4 5", "_1__2_", "", "007", "1.0", "-1", "18446744073709551615", "9999999999999999999", "99999999999999999999"} {
		f.Add([]byte(text))
	}
	c := newClient(f, "https://crm.example", Options{})
	f.Fuzz(func(t *testing.T, text []byte) {
		got, want := c.reader(&ListProjectsCall, 0), c.reader(&ListProjectsCall, 0)
		if !got.addPlainIDs(text) {
			return
		}
		if err := want.addJoinedIDs(text); err != nil || !slices.Equal(got.someIDs, want.someIDs) {
			t.Errorf("got %v, want %v, %v", got.someIDs, want.someIDs, err)
		}
	})
}
