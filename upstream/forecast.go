package upstream

import "crmgraph/upstream/jsonread"

// forecast tells how much memory the rest of an answer is likely to need: as much for each byte
// as what was read.
type forecast struct {
	answer *jsonread.Decoder // nil if it is not known
	made   int               // so far, less the last slab
}

// From tells which answer the memory is for.
func (f *forecast) From(answer *jsonread.Decoder) { f.answer = answer }

// next returns how much to make now that the last slab is used up: what the rest of the answer
// is likely to need, or as much as otherwise where nothing is known of it.
func (f *forecast) next(last, otherwise int) int {
	f.made += last
	if f.answer == nil || f.made == 0 {
		return otherwise
	}
	read, left := f.answer.Progress()
	if read == 0 {
		return otherwise
	}
	likely := f.made * left / read
	return likely + likely/16 + 1
}
