package main

import (
	"fmt"
	"runtime/debug"
)

// release is the version of a build without the repository's history, such as that of the image:
// -ldflags "-X main.release=v1.2.3".
var release string

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
	if release != "" {
		version = release
	}
	_, err := fmt.Fprintf(p.stdout, "crmgraph %s%s %s\n", version, commit, goVersion)
	return err
}
