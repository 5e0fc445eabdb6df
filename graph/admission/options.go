package admission

import (
	"errors"
	"fmt"

	"github.com/vektah/gqlparser/v2/parser"
)

// Options say what is admitted. The zero value is safe and lets real clients through.
type Options struct {
	Limits    Limits
	Variables VariableLimits
	// Suggestions has errors name what the client may have meant. It tells of the schema what
	// introspection tells, so it is to be on only where introspection is.
	Suggestions bool
	// CacheBytes is the memory for verdicts, about; 0 is 32 MiB.
	CacheBytes int64
}

// Limits bound a document. Each has a default, which 0 stands for, and a code of its own.
// Where fragments are followed, each of them counts wherever it is spread.
type Limits struct {
	MaxBytes     int // length; 128 KiB
	MaxTokens    int // tokens and comments; 5,000
	MaxNesting   int // braces, brackets and parentheses that are open at the same time; 64
	MaxNameBytes int // length of a name; 128

	MaxOperations            int // in the document; 20
	MaxDepth                 int // fields in each other, fragments followed; 20
	MaxFields                int // of one operation, fragments followed; 5,000
	MaxRootFields            int // of one operation, fragments followed; 200
	MaxAliases               int // in the document; 500
	MaxDirectives            int // in the document; 500
	MaxDirectivesPerLocation int // 10
	MaxFragments             int // defined in the document; 300
	MaxSpreads               int // of named fragments in the document; 1,000
	MaxVariables             int // of one operation; 100
	MaxInputDepth            int // lists and objects in each other in one value; 12
	MaxListSize              int // elements of a list, fields of an object in a value; 1,000

	MaxErrors int // told of one document; 20
}

// VariableLimits bound the values of an operation's variables, all together.
type VariableLimits struct {
	MaxBytes    int // of names, texts and numbers; 256 KiB
	MaxDepth    int // lists and objects in each other; 16
	MaxElements int // elements of lists and fields of objects; 10,000
}

const defaultCacheBytes = 32 << 20

// DefaultMaxElements is how many elements variables may have unless chosen otherwise.
const DefaultMaxElements = 10_000

// setting is one limit, what 0 stands for, and the most it can be, if there is such.
type setting struct {
	name    string
	value   *int
	initial int
	most    int
}

func (o *Options) settings() []setting {
	l, v := &o.Limits, &o.Variables
	return []setting{
		{"MaxBytes", &l.MaxBytes, 128 << 10, 0},
		{"MaxTokens", &l.MaxTokens, 5000, 0},
		// The parser and all that walks a document later recurse that deep.
		{"MaxNesting", &l.MaxNesting, 64, parser.MaxNestingDepth},
		{"MaxNameBytes", &l.MaxNameBytes, 128, 0},
		{"MaxOperations", &l.MaxOperations, 20, 0},
		{"MaxDepth", &l.MaxDepth, 20, 0},
		{"MaxFields", &l.MaxFields, 5000, 0},
		{"MaxRootFields", &l.MaxRootFields, 200, 0},
		{"MaxAliases", &l.MaxAliases, 500, 0},
		{"MaxDirectives", &l.MaxDirectives, 500, 0},
		{"MaxDirectivesPerLocation", &l.MaxDirectivesPerLocation, 10, 0},
		{"MaxFragments", &l.MaxFragments, 300, 0},
		{"MaxSpreads", &l.MaxSpreads, 1000, 0},
		{"MaxVariables", &l.MaxVariables, 100, 0},
		{"MaxInputDepth", &l.MaxInputDepth, 12, 0},
		{"MaxListSize", &l.MaxListSize, 1000, 0},
		{"MaxErrors", &l.MaxErrors, 20, 0},
		{"Variables.MaxBytes", &v.MaxBytes, 256 << 10, 0},
		{"Variables.MaxDepth", &v.MaxDepth, 16, parser.MaxNestingDepth},
		{"Variables.MaxElements", &v.MaxElements, DefaultMaxElements, 0},
	}
}

// complete returns the options with the defaults in place, or all that is wrong with them.
func (o Options) complete() (Options, error) {
	var faults []error
	for _, s := range o.settings() {
		switch {
		case *s.value < 0:
			faults = append(faults, fmt.Errorf("%s is negative: %d", s.name, *s.value))
		case s.most > 0 && *s.value > s.most:
			faults = append(faults, fmt.Errorf("%s is at most %d, not %d", s.name, s.most, *s.value))
		case *s.value == 0:
			*s.value = s.initial
		}
	}
	switch {
	case o.CacheBytes < 0:
		faults = append(faults, fmt.Errorf("CacheBytes is negative: %d", o.CacheBytes))
	case o.CacheBytes == 0:
		o.CacheBytes = defaultCacheBytes
	}
	return o, errors.Join(faults...)
}
