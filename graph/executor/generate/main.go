// Command generate runs gqlgen with the plugin that writes the accessors of the compiled
// executor beside gqlgen's own. It takes the configuration of the nearest folder above.
package main

import (
	"io"
	"log"
	"os"

	"github.com/99designs/gqlgen/api"
	"github.com/99designs/gqlgen/codegen/config"
)

func main() {
	log.SetOutput(io.Discard) // gqlgen tells of every field that it makes a resolver for
	if err := generate(); err != nil {
		log.SetOutput(os.Stderr)
		log.Fatal(err)
	}
}

func generate() error {
	cfg, err := config.LoadConfigFromDefaultLocations()
	if err != nil {
		return err
	}
	return api.Generate(cfg, api.AddPlugin(accessors{}))
}
