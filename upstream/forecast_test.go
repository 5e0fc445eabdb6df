package upstream

import (
	"strings"
	"testing"

	"crmgraph/upstream/jsonread"
)

// The slabs for a list have room for all its elements, and hardly for more.
func TestSlabsForAList(t *testing.T) {
	t.Parallel()
	for _, elements := range []int{1, 2, 10, 100, 1000} {
		for _, element := range []string{"1", `"a longer one"`} {
			made := 0
			list := "[" + strings.Repeat(element+",", elements-1) + element + "]"
			var slab Slab[[64]byte]
			d := jsonread.New([]byte(list))
			slab.From(d)
			if _, err := ReadList(d, nil, func(d *jsonread.Decoder, _ int) error {
				slab.New()
				if slab.used == 1 {
					made += len(slab.values)
				}
				return d.Skip()
			}); err != nil {
				t.Fatal(err)
			}
			if atMost := elements + elements/8 + minSlab/64; made < elements || made > atMost {
				t.Errorf("%d elements %s: made %d, want at most %d", elements, element, made, atMost)
			}
		}
	}
}

// An answer whose first element is tiny, or whose others are, gets what it needs all the same.
func TestSlabsForAnOddList(t *testing.T) {
	t.Parallel()
	big := "[" + strings.Repeat("1,", 500) + "1]"
	for _, list := range []string{`[[1],` + big + `]`, `[` + big + strings.Repeat(",[1]", 500) + `]`} {
		var slab Slab[uint64]
		var texts Texts
		d := jsonread.New([]byte(list))
		slab.From(d)
		texts.From(d)
		var kept []*uint64
		var copied []string
		if _, err := ReadList(d, nil, func(d *jsonread.Decoder, _ int) error {
			_, err := ReadList(d, nil, func(d *jsonread.Decoder, _ int) error {
				value := slab.New()
				*value = uint64(len(kept))
				kept = append(kept, value)
				text, _, err := texts.ReadText(d)
				copied = append(copied, text)
				return err
			})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for i, value := range kept {
			if *value != uint64(i) || copied[i] != "1" {
				t.Fatalf("value %d: got %d and %q", i, *value, copied[i])
			}
		}
	}
}
