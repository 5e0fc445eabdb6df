package persisted

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"crmgraph/server/graphqlhttp"
)

// Defaults of Options.
const (
	DefaultMaxBytes = 16 << 20
	DefaultReload   = 5 * time.Second
)

// maxLogged is how many untrusted documents are remembered as logged.
const maxLogged = 1024

// Options are how documents are found. The zero value finds none and runs all.
type Options struct {
	// Manifests are files of trusted documents, one or more of each client.
	Manifests []string
	// Mode is what becomes of other documents; it needs a manifest.
	Mode Mode
	// Reload is how often the files are looked at; 0: DefaultReload.
	Reload time.Duration

	// Automatic has clients register documents by their hash. With Required nothing is registered.
	Automatic bool
	// MaxBytes is the memory for registered documents; 0: DefaultMaxBytes.
	MaxBytes int64
	// Shared has registered documents known to other replicas; nil: this one is alone.
	Shared Store
	// MayShare reports whether the sender of the operation in ctx may fill Shared, which is not
	// for anybody unknown; nil: nobody may.
	MayShare func(ctx context.Context) bool

	Logger *slog.Logger // nil: slog.Default
}

// Validate returns all that is wrong with the options, joined; files are not read.
func (o Options) Validate() error {
	var problems []error
	if !o.Mode.known() {
		problems = append(problems, errors.New("the mode is off, log or required"))
	}
	if (o.Mode == Log || o.Mode == Required) && len(o.Manifests) == 0 {
		problems = append(problems, fmt.Errorf("the mode %s needs a manifest", o.Mode))
	}
	if o.Reload < 0 {
		problems = append(problems, errors.New("the time between two looks at the manifest cannot be negative"))
	}
	if o.MaxBytes < 0 {
		problems = append(problems, errors.New("the memory for documents cannot be negative"))
	}
	return errors.Join(problems...)
}

// Documents finds and checks the documents of requests. It is safe for concurrent use.
type Documents struct {
	mode      Mode
	files     watched
	manifest  atomic.Pointer[Manifest]
	automatic *automatic // nil: clients register nothing
	logged    *lru.Cache[Hash, struct{}]
	logger    *slog.Logger

	untrusted, refused atomic.Int64
}

// New returns documents with the manifest read.
func New(opts Options) (*Documents, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	d := &Documents{mode: opts.Mode, logger: opts.Logger}
	if d.logger == nil {
		d.logger = slog.Default()
	}
	var err error
	if d.logged, err = lru.New[Hash, struct{}](maxLogged); err != nil {
		return nil, err
	}
	if opts.Automatic && opts.Mode != Required {
		d.automatic = &automatic{shared: opts.Shared, mayShare: opts.MayShare}
		if d.automatic.memory, err = newMemory(orDefault(opts.MaxBytes, DefaultMaxBytes)); err != nil {
			return nil, err
		}
	}
	d.files = watched{names: opts.Manifests, every: orDefault(opts.Reload, DefaultReload)}
	manifest, err := d.files.load()
	if err != nil {
		return nil, err
	}
	d.manifest.Store(manifest)
	return d, nil
}

func orDefault[T int64 | time.Duration](value, fallback T) T {
	if value == 0 {
		return fallback
	}
	return value
}

// Document fills in the document of a request that names one, checks one that is sent and
// named, and refuses one that is not trusted where that is required. A request that has
// neither a document nor a name is left as it is.
func (d *Documents) Document(ctx context.Context, p *graphqlhttp.Params) *gqlerror.Error {
	ref, refused := referenceOf(p.DocumentID, p.Extensions)
	if refused != nil {
		return refused
	}
	manifest := d.manifest.Load()
	if p.Query != "" {
		if ref.given() {
			if refused := verify(manifest, ref, p.Query); refused != nil {
				return refused
			}
		}
		return d.trust(manifest, p.Query)
	}
	if ref.given() {
		p.Query, refused = d.find(ctx, manifest, ref)
	}
	return refused
}

// verify checks that a document is the one that its request names. An id that nobody knows
// says nothing about it.
func verify(manifest *Manifest, ref reference, document string) *gqlerror.Error {
	known, ok := manifest.find(ref)
	switch {
	case ok && same(known, document), ref.hashed && hashOf(document) == ref.hash:
		return nil
	case ok, ref.hashed:
		return hashMismatch()
	case ref.automatic:
		return invalid()
	default:
		return nil
	}
}

// find returns the document that a request names.
func (d *Documents) find(ctx context.Context, manifest *Manifest, ref reference) (string, *gqlerror.Error) {
	if document, ok := manifest.find(ref); ok {
		return document, nil
	}
	switch {
	case d.mode == Required:
		d.refused.Add(1)
		return "", notTrusted()
	case ref.automatic && d.automatic == nil:
		return "", notSupported()
	case ref.automatic && !ref.hashed:
		return "", invalid()
	case ref.hashed && d.automatic != nil:
		if document, ok := d.automatic.find(ctx, ref.hash); ok {
			return document, nil
		}
	}
	return "", notFound()
}

// trust refuses a document that is not in the manifest, where that is required.
func (d *Documents) trust(manifest *Manifest, document string) *gqlerror.Error {
	if d.mode != Required || manifest.holds(document) {
		return nil
	}
	d.refused.Add(1)
	return notTrusted()
}
