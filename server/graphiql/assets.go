package graphiql

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"time"

	"crmgraph/server/middleware/compress"
)

//go:embed page.js page.css vendored/*.js vendored/*.css
var assetFiles embed.FS

// asset is a file with its hash.
type asset struct {
	content []byte
	packed  *compress.File // nil where files are sent as they are
	hash    string
}

// assets serves files by name. Browsers keep them and ask whether they have changed.
type assets map[string]asset

func loadAssets(compressed bool) (assets, error) {
	files, err := compress.NewFiles()
	if err != nil {
		return nil, err
	}
	loaded := make(assets)
	err = fs.WalkDir(assetFiles, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := assetFiles.ReadFile(name)
		if err != nil {
			return err
		}
		hash := sha256.Sum256(content)
		file := asset{content: content, hash: hex.EncodeToString(hash[:8])}
		if compressed {
			file.packed = files.Add(content)
		}
		loaded[path.Base(name)] = file
		return nil
	})
	return loaded, err
}

func (a assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file, ok := a[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	header := w.Header()
	content, tag := file.content, file.hash
	if file.packed != nil {
		header.Set("Vary", "Accept-Encoding")
		var encoding string
		if content, encoding = file.packed.For(r); encoding != "" {
			header.Set("Content-Encoding", encoding)
			// ServeContent leaves it out of what is encoded.
			header.Set("Content-Length", strconv.Itoa(len(content)))
			tag += "-" + encoding // other bytes are another representation
		}
	}
	header.Set("ETag", strconv.Quote(tag))
	header.Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, r.URL.Path, time.Time{}, bytes.NewReader(content))
}
