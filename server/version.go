package main

import (
	"fmt"
	"runtime/debug"
)

// versionCommand prints the version.
type versionCommand struct{}

// Run prints the version of the module, of Go and, if the build knew it, the commit.
func (versionCommand) Run(p *program) error {
	version, goVersion, commit := "(devel)", "unknown", ""
	if build, ok := debug.ReadBuildInfo(); ok {
		version, goVersion = build.Main.Version, build.GoVersion
		for _, setting := range build.Settings {
			if setting.Key == "vcs.revision" {
				commit = " " + setting.Value
			}
		}
	}
	_, err := fmt.Fprintf(p.stdout, "crmgraph %s%s %s\n", version, commit, goVersion)
	return err
}
