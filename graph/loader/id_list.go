package loader

import "encoding/binary"

// idList is a list of ids that can be part of a key.
type idList string

func newIDList(ids []uint64) idList {
	bytes := make([]byte, 0, 8*len(ids))
	for _, id := range ids {
		bytes = binary.BigEndian.AppendUint64(bytes, id)
	}
	return idList(bytes)
}

func (l idList) ids() []uint64 {
	if l == "" {
		return nil
	}
	ids := make([]uint64, 0, len(l)/8)
	for bytes := []byte(l); len(bytes) > 0; bytes = bytes[8:] {
		ids = append(ids, binary.BigEndian.Uint64(bytes))
	}
	return ids
}
