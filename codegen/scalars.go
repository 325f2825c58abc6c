package codegen

import "github.com/matdiff/matdiff/expr"

// ofScalar says what functions of matrices are where their first operand is
// 1×1, so that no kernel for matrices is called for a number. A function whose
// name is missing here is computed as for any other size.
var ofScalar = map[string]func(s *stabiliser, n *expr.Node) *expr.Node{
	"sum": itself, "rowsum": itself, "colsum": itself, "mean": itself, "rowmean": itself, "colmean": itself,
	"prod": itself, "tr": itself, "det": itself, "vec": itself, "diag": itself, "unvec": itself, "logsumexp": itself,
	"max": extreme1, "min": extreme1,
	"norm": absolute, "norm1": absolute, "normnuc": absolute,
	"logdet":     func(s *stabiliser, n *expr.Node) *expr.Node { return s.call("log", n.Args[0]) },
	"inv":        func(s *stabiliser, n *expr.Node) *expr.Node { return s.b.Recip(n.Args[0]) },
	"expm":       func(s *stabiliser, n *expr.Node) *expr.Node { return s.call("exp", n.Args[0]) },
	"polar":      func(s *stabiliser, n *expr.Node) *expr.Node { return s.call("sign", n.Args[0]) },
	"var":        func(s *stabiliser, n *expr.Node) *expr.Node { return s.b.Int(0) },
	"logsoftmax": func(s *stabiliser, n *expr.Node) *expr.Node { return s.b.Int(0) },
	"softmax":    func(s *stabiliser, n *expr.Node) *expr.Node { return s.b.Int(1) },
	"argmax":     func(s *stabiliser, n *expr.Node) *expr.Node { return s.b.Int(1) },
	"dexpm":      directional,
	"d2expm":     directional,
}

func itself(s *stabiliser, n *expr.Node) *expr.Node { return n.Args[0] }

func extreme1(s *stabiliser, n *expr.Node) *expr.Node {
	if len(n.Args) > 1 {
		return nil
	}
	return n.Args[0]
}

func absolute(s *stabiliser, n *expr.Node) *expr.Node { return s.call("abs", n.Args[0]) }

// directional is the derivative of the exponential in the directions that
// follow the operand.
func directional(s *stabiliser, n *expr.Node) *expr.Node {
	return s.b.Had(append([]*expr.Node{s.call("exp", n.Args[0])}, n.Args[1:]...)...)
}

// scalars rewrites calls with 1×1 operands, nil where there are none.
func (s *stabiliser) scalars(n *expr.Node) *expr.Node {
	if n.Op != expr.OpCall || len(n.Args) == 0 {
		return nil
	}
	name := n.Fn.FnName()
	if f := ofScalar[name]; f != nil && n.Args[0].IsScalar() && n.IsScalar() {
		return f(s, n)
	}
	if len(n.Args) != 2 {
		return nil
	}
	a, b := n.Args[0], n.Args[1]
	switch name {
	case "kron":
		if a.IsScalar() {
			return s.b.Scale(a, b)
		}
		if b.IsScalar() {
			return s.b.Scale(b, a)
		}
	case "unkronl", "unkronr": // the adjoints of kron
		switch {
		case b.IsScalar():
			return s.b.Scale(b, a)
		case n.IsScalar():
			return s.call("sum", s.b.Had(a, b))
		}
	}
	return nil
}
