package persisted

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"log/slog"
	"sync/atomic"
	"time"
)

// watched is the files that a manifest is read from. They are read whole each time: a few
// megabytes every few seconds are nothing, whereas times of change are coarse, and a file
// behind a symbolic link, as Kubernetes mounts them, sends no notice of its own.
type watched struct {
	names []string
	every time.Duration
	seen  [sha256.Size]byte // what was found at the last look

	reloads, failures atomic.Int64
}

// load reads the files for the first time.
func (w *watched) load() (*Manifest, error) {
	manifest, _, err := w.look()
	return manifest, err
}

// look reads the files. Where they are as at the last look, good or bad, there is nothing new.
func (w *watched) look() (manifest *Manifest, isNew bool, err error) {
	contents, err := readAll(w.names)
	found := fingerprint(contents, err)
	if found == w.seen {
		return nil, false, nil
	}
	w.seen = found
	if err == nil {
		manifest, err = newManifest(w.names, contents)
	}
	return manifest, true, err
}

// fingerprint tells what was found in files from anything else that may be.
func fingerprint(contents [][]byte, err error) (sum [sha256.Size]byte) {
	if err != nil {
		return sha256.Sum256([]byte(err.Error()))
	}
	hash := sha256.New()
	for _, content := range contents {
		// The length keeps the ends of files apart.
		hash.Write(binary.BigEndian.AppendUint64(nil, uint64(len(content))))
		hash.Write(content)
	}
	hash.Sum(sum[:0])
	return sum
}

// Run looks for changes of the manifest until ctx ends. Requests see the old one or the new
// one whole. Where the new one cannot be read, the old one stays.
func (d *Documents) Run(ctx context.Context) {
	if len(d.files.names) == 0 {
		return
	}
	ticker := time.NewTicker(d.files.every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			d.reload(ctx)
		}
	}
}

func (d *Documents) reload(ctx context.Context) {
	manifest, isNew, err := d.files.look()
	switch {
	case !isNew:
	case err != nil:
		d.files.failures.Add(1)
		d.logger.LogAttrs(ctx, slog.LevelError, "the manifest of documents cannot be read, so the last one stays", slog.Any("error", err))
	default:
		d.manifest.Store(manifest)
		d.files.reloads.Add(1)
		d.logger.LogAttrs(ctx, slog.LevelInfo, "the manifest of documents has changed", slog.Int("documents", len(manifest.entries)))
	}
}
