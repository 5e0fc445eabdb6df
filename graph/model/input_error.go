package model

// InputError says what is wrong with an argument, in a sentence for whoever wrote the
// query. It never quotes the argument.
type InputError string

// Error returns the sentence.
func (e InputError) Error() string { return string(e) }
