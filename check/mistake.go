package check

import (
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/verify"
)

// name finds what went wrong in a false line.
func (c *checker) name(cl *infer.Claim, q *question, n *Node, cmp *verify.Comparison) *Mistake {
	return &Mistake{ID: "other", Message: "this is not what follows"}
}

// nameShape finds what went wrong in a line whose shapes do not fit.
func (c *checker) nameShape(i int, d *diag.Diagnostic) *Mistake {
	return &Mistake{ID: "shape", Message: d.Message}
}
