package front

import "sync"

const (
	// maxHead and maxBody are the sizes of the largest plain request, in bytes.
	maxHead = 16 << 10
	maxBody = 64 << 10

	smallBuffer = 8 << 10           // takes most requests, and is all that an idle connection has
	largeBuffer = maxHead + maxBody // takes any plain request
)

var (
	smallBuffers = sync.Pool{New: func() any { return new([smallBuffer]byte) }}
	largeBuffers = sync.Pool{New: func() any { return new([largeBuffer]byte) }}
)

// takeBuffer returns a buffer of size bytes or more.
func takeBuffer(size int) []byte {
	switch {
	case size <= smallBuffer:
		return smallBuffers.Get().(*[smallBuffer]byte)[:]
	case size <= largeBuffer:
		return largeBuffers.Get().(*[largeBuffer]byte)[:]
	default:
		return make([]byte, size)
	}
}

// putBuffer gives a buffer back, which nobody may use any more.
func putBuffer(buffer []byte) {
	switch len(buffer) {
	case smallBuffer:
		smallBuffers.Put((*[smallBuffer]byte)(buffer))
	case largeBuffer:
		largeBuffers.Put((*[largeBuffer]byte)(buffer))
	}
}
