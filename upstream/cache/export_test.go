package cache

import "crmgraph/upstream"

// Size is what the answer to key is reckoned to take in memory, given the size of its body.
func Size(key upstream.Key, bodyBytes int) uint32 { return sizeOf(&key, bodyBytes) }
