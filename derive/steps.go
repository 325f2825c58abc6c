package derive

import "github.com/matdiff/matdiff/expr"

type recorder struct{}

func (r *run) steps(p *expr.Program, wrt []*expr.Var, res *Result) []Step { return nil }
