package infer

import "github.com/matdiff/matdiff/ast"

// bigOp resolves an indexed sum.
func (in *inferrer) bigOp(e *ast.BigOp) *term {
	in.errorf("E225", e.Span, "indexed sums are not read yet")
	return bad(e.Span)
}
