package parser

import (
	"strings"
	"testing"

	"github.com/matdiff/matdiff/diag"
)

// TestExplainedExamples holds the examples of the table of codes to it: the
// bad one gives the code, the good one none.
func TestExplainedExamples(t *testing.T) {
	for _, c := range diag.Codes() {
		if c.Bad == "" || strings.HasPrefix(c.Bad, "matdiff ") {
			continue
		}
		if _, errs := Parse(c.Good); errs.Err() != nil {
			t.Errorf("%s: the mended example %q: %v", c.ID, c.Good, errs)
		}
		_, errs := Parse(c.Bad)
		if strings.HasPrefix(c.ID, "E1") || c.ID == "E221" {
			if len(errs.Items) != 1 || errs.Items[0].Code != c.ID {
				t.Errorf("%s: the example %q gives %v", c.ID, c.Bad, errs)
			}
		} else if errs.Err() != nil {
			t.Errorf("%s: the example %q is no program: %v", c.ID, c.Bad, errs)
		}
	}
}
