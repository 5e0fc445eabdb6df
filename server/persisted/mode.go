package persisted

// Mode is what becomes of documents that are not in the manifest.
type Mode string

// The modes. The empty one is Off.
const (
	Off      Mode = "off"      // they are run
	Log      Mode = "log"      // they are run, and logged once each
	Required Mode = "required" // they are refused, introspection too
)

func (m Mode) known() bool {
	switch m {
	case "", Off, Log, Required:
		return true
	default:
		return false
	}
}
