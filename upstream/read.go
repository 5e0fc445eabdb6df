package upstream

import (
	"bytes"
	"errors"

	"crmgraph/upstream/jsonread"
)

// byteOrderMark is what PHP files saved with one send before the first byte of JSON.
var byteOrderMark = []byte("\ufeff")

// Read reads the whole of an answer to call with read; see Get.
func Read[T any](call *Call, body *Body, read func(*jsonread.Decoder) (T, error)) (T, error) {
	return readAll(new(jsonread.Decoder), call, body.Status, body.Bytes(), read)
}

// readAll is Read by a decoder that is left without the body.
func readAll[T any](decoder *jsonread.Decoder, call *Call, status int, body []byte, read func(*jsonread.Decoder) (T, error)) (T, error) {
	var none T
	body = bytes.TrimPrefix(body, byteOrderMark)
	if !validUTF8(body) {
		return none, &Error{Call: *call, Kind: Malformed, Status: status, Err: errors.New("the answer is not UTF-8")}
	}
	decoder.Reset(body)
	defer decoder.Reset(nil)
	value, err := read(decoder)
	if err == nil {
		err = ReadEnd(decoder)
	}
	if err == nil {
		return value, nil
	}
	return none, unreadable(call, status, err)
}

// unreadable is the failure of an answer that could not be read.
func unreadable(call *Call, status int, err error) *Error {
	failure := &Error{Call: *call, Kind: Malformed, Status: status}
	var kind Kind
	var field *FieldError
	switch {
	case errors.As(err, &kind):
		failure.Kind = kind
	case errors.As(err, &field):
		failure.Field, failure.Err = field.Field, field
	default:
		failure.Err = errors.New("the answer is not the expected JSON")
	}
	return failure
}

// ReadEnd reads the end of an answer: nothing but space is left.
func ReadEnd(d *jsonread.Decoder) error {
	if d.End() != nil {
		return Unreadable("text after the end of the JSON")
	}
	return nil
}
