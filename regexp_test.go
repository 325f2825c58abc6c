package matdiff_test

import (
	"testing"

	"github.com/matdiff/matdiff/internal/lazyregexp"
)

// Regular expressions that are compiled at their first use are right all the
// same.
func TestRegularExpressions(t *testing.T) { lazyregexp.CompileAll() }
