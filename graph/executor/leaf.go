package executor

import (
	"errors"
	"slices"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

var (
	errNull        = errors.New("the requested element is null which the schema does not allow")
	errNoEnumValue = errors.New("the value is none of its enum")
)

// The methods below are for the generated accessors. Each appends one value and reports
// whether it could; what it leaves behind where it could not is cut off by its caller.

// Null writes null where that is allowed.
func (w *Writer) Null() bool {
	w.buf = append(w.buf, "null"...)
	return true
}

// Missing adds the error of a null where none is allowed, unless the field has one already.
func (w *Writer) Missing() bool {
	ctx := w.context()
	if field := graphql.GetFieldContext(ctx); !graphql.HasFieldError(ctx, field) && !w.hasNoted(field) {
		graphql.AddError(ctx, errNull)
	}
	return false
}

// hasNoted reports whether a field's resolver has added an error in another response's context.
func (w *Writer) hasNoted(field *graphql.FieldContext) bool {
	return len(w.noted) > 0 && slices.ContainsFunc(w.noted, func(err *gqlerror.Error) bool {
		return slices.Equal(err.Path, field.Path())
	})
}

// Absent is Missing for a type that is not nullable, and Null for one that is.
func (w *Writer) Absent(nonNull bool) bool {
	if nonNull {
		return w.Missing()
	}
	return w.Null()
}

// Fail adds the error of a value that could not be had.
func (w *Writer) Fail(err error) bool {
	ctx := w.context()
	if last := len(w.path) - 1; last >= 0 && w.path[last] >= 0 {
		err = graphql.AddFieldLocationToError(ctx, err)
	}
	w.run.op.Error(ctx, err)
	return false
}

// String writes a string.
func (w *Writer) String(s string) bool {
	w.buf = appendString(w.buf, s)
	return true
}

// Int writes a whole number.
func (w *Writer) Int(i int64) bool {
	w.buf = strconv.AppendInt(w.buf, i, 10)
	return true
}

// Bool writes true or false.
func (w *Writer) Bool(b bool) bool {
	w.buf = strconv.AppendBool(w.buf, b)
	return true
}

// Enum writes the name of an enum's value; the value has no name if !ok.
func (w *Writer) Enum(name string, ok bool) bool {
	if !ok {
		return w.Fail(errNoEnumValue)
	}
	return w.String(name)
}

// Marshal writes what a scalar without an append function marshals itself to.
func (w *Writer) Marshal(m graphql.Marshaler, nonNull bool) bool {
	if m == graphql.Null {
		return w.Absent(nonNull)
	}
	m.MarshalGQL(w)
	return true
}

// MarshalContext is Marshal for scalars that may fail.
func (w *Writer) MarshalContext(m graphql.ContextMarshaler, nonNull bool) bool {
	if m == graphql.Null {
		return w.Absent(nonNull)
	}
	if err := m.MarshalGQLContext(w.context(), w); err != nil {
		return w.Fail(err)
	}
	return true
}

// Write appends bytes as they are.
func (w *Writer) Write(p []byte) (int, error) {
	w.buf = append(w.buf, p...)
	return len(p), nil
}

// WriteScalar writes v with a scalar's append function. One that appends nothing means
// null.
func WriteScalar[T any](w *Writer, v T, appendTo func([]byte, T) []byte, nonNull bool) bool {
	start := len(w.buf)
	if w.buf = appendTo(w.buf, v); len(w.buf) == start {
		return w.Absent(nonNull)
	}
	return true
}

// WriteLeaves writes a list of leaves.
func WriteLeaves[T any](w *Writer, list []T, write func(*Writer, T) bool, nonNull bool) bool {
	valid := true
	w.buf = append(w.buf, '[')
	for i := range list {
		at := w.beginItem(i)
		if !write(w, list[i]) {
			w.cut(at)
			valid = valid && !nonNull
		}
		w.end()
	}
	w.buf = append(w.buf, ']')
	return valid
}
