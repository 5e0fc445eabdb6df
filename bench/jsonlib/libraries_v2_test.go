//go:build goexperiment.jsonv2

package jsonlib

import "encoding/json/v2"

// version2 is encoding/json/v2, and encoding/json is built on it too.
func version2() []library {
	return []library{{"encoding-json-v2", func(body []byte, into any) error { return json.Unmarshal(body, into) }}}
}
