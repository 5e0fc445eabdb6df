package jsonlib

import (
	"encoding/json"

	"github.com/bytedance/sonic"
	gojson "github.com/goccy/go-json"
)

// library is a JSON library as it decodes bytes that others will use again.
type library struct {
	name      string
	unmarshal func(body []byte, into any) error
}

func libraries() []library {
	// By default sonic neither copies texts nor looks whether they are UTF-8.
	safe := sonic.Config{CopyString: true, ValidateString: true}.Froze()
	return append([]library{
		{"encoding-json", json.Unmarshal},
		{"goccy", gojson.Unmarshal},
		{"sonic", safe.Unmarshal},
	}, version2()...)
}
