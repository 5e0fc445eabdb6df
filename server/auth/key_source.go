package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
)

const (
	loadTimeout = 10 * time.Second
	// maxKeySet is where a set of keys is cut off; a key has less than a kilobyte.
	maxKeySet = 1 << 20
)

// keySource is where an issuer publishes its keys.
type keySource struct {
	url       string
	transport http.RoundTripper
}

// load returns the keys that are published. Its errors name no address.
func (s *keySource) load(ctx context.Context) (*keySet, error) {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return nil, errors.New("the issuer's keys cannot be asked for")
	}
	req.Header.Set("Accept", "application/jwk-set+json, application/json")
	req.Close = true // the next time is in an hour
	resp, err := s.transport.RoundTrip(req)
	if err != nil {
		return nil, noAnswer(ctx)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the issuer answers %d when asked for its keys", resp.StatusCode)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxKeySet))
	if err != nil {
		return nil, noAnswer(ctx)
	}
	return readKeys(ctx, text)
}

// noAnswer takes the place of errors that quote addresses.
func noAnswer(ctx context.Context) error {
	if ctx.Err() != nil {
		return errors.New("the issuer does not send its keys in time")
	}
	return errors.New("the issuer cannot be reached for its keys")
}

// readKeys reads a JSON web key set. Keys of other kinds and for other uses are passed over,
// and so are those without a name. A set without any good key is an error: it is a mistake
// more often than the end of all tokens.
func readKeys(ctx context.Context, text []byte) (*keySet, error) {
	var published struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &published); err != nil {
		return nil, errors.New("what the issuer sends is not a set of keys")
	}
	storage := jwkset.NewMemoryStorage()
	names := map[string]struct{}{}
	for _, raw := range published.Keys {
		// Without private parts, a symmetric key is none at all.
		key, err := jwkset.NewJWKFromRawJSON(raw, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
		if err != nil {
			continue
		}
		described := key.Marshal()
		if described.KID == "" || described.USE != jwkset.UseSig && described.USE != "" {
			continue
		}
		if err := storage.KeyWrite(ctx, key); err != nil {
			return nil, errors.New("the issuer's keys cannot be kept")
		}
		names[described.KID] = struct{}{}
	}
	if len(names) == 0 {
		return nil, errors.New("the issuer publishes no key that can be used")
	}
	verifier, err := keyfunc.New(keyfunc.Options{Storage: storage})
	if err != nil {
		return nil, errors.New("the issuer's keys cannot be used")
	}
	return &keySet{Keyfunc: verifier, names: names}, nil
}
