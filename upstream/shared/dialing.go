package shared

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

const (
	// dialTimeout bounds a dial and, again, the handshake after it.
	dialTimeout = 3 * time.Second
	// silence is how long a connection may say nothing before it is asked whether it lives,
	// deadAfter how long it may take to answer that, unless calls wait longer.
	silence   = time.Second
	deadAfter = 3 * time.Second
	// Decoded answers are kept in memory above. What is read here again is what was pushed
	// out there a moment ago, or was asked for with too many viewers at once.
	clientCache = 8 << 20
	buffers     = 64 << 10
)

// dialing is how a connection is made.
type dialing struct {
	option rueidis.ClientOption
}

// CheckURL says what is wrong with a URL of Options, if anything is. It never quotes it.
func CheckURL(text string) error {
	_, err := dialingOf(text, nil, DefaultTimeout)
	return err
}

func dialingOf(text string, ca []byte, timeout time.Duration) (dialing, error) {
	parsed, err := url.Parse(text)
	if err != nil || parsed.Hostname() == "" || parsed.Scheme != "redis" && parsed.Scheme != "rediss" {
		return dialing{}, errors.New("the URL of the shared tier must be a redis or rediss URL")
	}
	if port := parsed.Port(); strings.Contains(parsed.Host, ",") || port != "" && !isPort(port) {
		return dialing{}, errors.New("the URL of the shared tier must name one host, and a port between 1 and 65535 if any")
	}
	if parsed.RawQuery != "" || parsed.Fragment != "" {
		return dialing{}, errors.New("the URL of the shared tier must have no query or fragment")
	}
	option, err := rueidis.ParseURL(text)
	if err != nil || option.SelectDB < 0 {
		return dialing{}, errors.New("the path in the URL of the shared tier must be the number of a database")
	}
	if ca != nil {
		if option.TLSConfig == nil {
			return dialing{}, errors.New("certificates for the shared tier need a rediss URL")
		}
		if option.TLSConfig.RootCAs, err = rootsWith(ca); err != nil {
			return dialing{}, err
		}
	}
	option.ForceSingleClient = true
	// All goes over one connection, in order: what Redis says of changed keys then comes
	// before the word of the purge that changed them.
	option.PipelineMultiplex = -1
	option.AlwaysPipelining = true
	option.DisableRetry = true
	option.Dialer.Timeout = dialTimeout
	option.Dialer.KeepAlive = silence
	option.ConnWriteTimeout = max(deadAfter, timeout)
	option.CacheSizeEachConn = clientCache
	option.ReadBufferEachConn = buffers
	option.WriteBufferEachConn = buffers
	option.ClientName = "crmgraph"
	return dialing{option: option}, nil
}

func isPort(text string) bool {
	number, err := strconv.ParseUint(text, 10, 16)
	return err == nil && number > 0
}

func rootsWith(ca []byte) (*x509.CertPool, error) {
	roots, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("the system's certificates: %w", err)
	}
	if !roots.AppendCertsFromPEM(ca) {
		return nil, errors.New("no PEM certificate for the shared tier found")
	}
	return roots, nil
}
