package check

import (
	"slices"
	"strings"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/parser"
)

// rewriter edits the text of a right side.
type rewriter struct {
	c    *checker
	src  string
	out  [4][]rewriting // by how telling they are
	ends []ast.Span     // where one transpose more could stand
	tops []ast.Span     // transposed operands
	// differential tells a line of differentials.
	differential bool
}

func (c *checker) rewritings(rhs string, cl *infer.Claim) []rewriting {
	tree, list := parser.ParseExpr(rhs)
	if list.Err() != nil || tree == nil {
		return nil
	}
	r := &rewriter{c: c, src: rhs, differential: cl.Kind == infer.ClaimDifferential}
	infer.Walk(tree, r.node)
	r.products(tree)
	for _, f := range []string{"tr", "sum", "diag"} {
		id, msg := "missing-trace", "a scalar is needed: the trace is missing"
		switch f {
		case "sum":
			id, msg = "missing-sum", "a scalar is needed: the sum is missing"
		case "diag":
			id, msg = "missing-diag", "a vector stands where the diagonal matrix of it belongs"
		}
		r.add(1, f+"("+rhs+")", id, msg)
	}
	for k, s := range r.ends {
		for _, t := range r.ends[k+1:] {
			if len(r.ends) > 12 || t.Start < s.End && s.Start < t.End {
				continue
			}
			a, b := s, t
			if b.Start < a.Start {
				a, b = b, a
			}
			text := rhs[:a.Start] + r.transposed(a) + rhs[a.End:b.Start] + r.transposed(b) + rhs[b.End:]
			r.add(2, text, "missing-transpose", "two transposes are missing")
		}
	}
	r.inserted()
	return slices.Concat(r.out[0], r.out[1], r.out[2], r.out[3])
}

// inserted puts a name of the program, or its transpose, before and behind each
// operand: a factor may be missing.
func (r *rewriter) inserted() {
	var pool []string
	scalar := func(n *Node) bool { return n.IsScalar() }
	for _, v := range r.c.prog.Vars {
		if n := r.c.b.Var(v); !scalar(n) {
			pool = append(pool, v.Name, v.Name+"'")
			if r.differential {
				pool = append(pool, "d"+v.Name)
			}
		}
	}
	for _, d := range r.c.prog.Defs {
		if d.Name != "" && !scalar(d.Node) {
			pool = append(pool, d.Name, d.Name+"'")
		}
	}
	for _, s := range append(r.tops, r.ends...) {
		for _, p := range pool {
			for _, text := range []string{r.text(s) + "*" + p, p + "*" + r.text(s)} {
				r.put(3, s, text, "chain-rule-factor", "the factor "+p+" is missing")
			}
		}
	}
}

func (r *rewriter) add(rank int, text, id, msg string) {
	if len(r.out[rank]) < 400 {
		r.out[rank] = append(r.out[rank], rewriting{text, id, msg})
	}
}

func (r *rewriter) text(s ast.Span) string { return r.src[s.Start:s.End] }

func (r *rewriter) put(rank int, at ast.Span, text, id, msg string) {
	r.add(rank, r.src[:at.Start]+text+r.src[at.End:], id, msg)
}

// atom brackets a text that is no single factor.
func atom(e ast.Expr, text string) string {
	switch e.(type) {
	case *ast.Name, *ast.Number, *ast.Paren, *ast.Call, *ast.Norm, *ast.Abs, *ast.Inner, *ast.Entry, *ast.Postfix:
		return text
	}
	return "(" + text + ")"
}

func (r *rewriter) transposed(s ast.Span) string {
	t := r.text(s)
	if strings.ContainsAny(t, " +-*/") && !(strings.HasPrefix(t, "(") && strings.HasSuffix(t, ")")) {
		return "(" + t + ")'"
	}
	return t + "'"
}

// node edits at one syntax node.
func (r *rewriter) node(e ast.Expr) {
	switch e := e.(type) {
	case *ast.Name:
		if strings.HasPrefix(e.Text, "d") && len(e.Text) > 1 || len([]rune(e.Text)) == 1 || r.c.prog.VarNamed(e.Text) != nil || r.defined(e.Text) {
			r.end(e.Span)
		}
	case *ast.Paren, *ast.Deriv:
		r.end(e.Pos())
	case *ast.Call:
		if fs, ops := r.factors(e); len(ops) > 0 && len(fs) == 2 { // X(y − z)
			s := ast.Span{Start: e.Fun.Span.End, End: e.Span.End}
			r.end(e.Fun.Span)
			r.put(0, s, r.text(s)+"'", "missing-transpose", "the transpose of "+r.text(s)+" is missing")
			return
		}
		r.end(e.Span)
		if e.Fun.Text == "ones" || e.Fun.Text == "I" || e.Fun.Text == "eye" {
			for _, s := range r.c.prog.Sizes {
				r.put(0, e.Span, e.Fun.Src+"("+s+")", "ones", "a vector of another length belongs here: "+e.Fun.Src+"("+s+")")
			}
		}
		for _, g := range related[e.Fun.Text] {
			if g == "rowsum" || g == "colsum" {
				r.put(1, e.Fun.Span, g, "missing-sum", "the sum is over the wrong axis: "+g+" belongs here, not "+e.Fun.Src)
			}
		}
	case *ast.Postfix:
		if e.Op == ast.Transpose {
			r.tops = append(r.tops, e.Span)
			r.put(0, e.Span, r.text(e.X.Pos()), "missing-transpose", "the transpose of "+r.text(e.X.Pos())+" does not belong here")
		}
	}
}

func (r *rewriter) defined(name string) bool {
	for _, d := range r.c.prog.Defs {
		if d.Name == name {
			return true
		}
	}
	return false
}

func (r *rewriter) end(s ast.Span) {
	r.ends = append(r.ends, s)
	rank := 0
	if t := r.text(s); strings.HasPrefix(t, "d") && r.c.prog.VarNamed(t) == nil && !r.defined(t) {
		rank = 1 // what stands beside a differential is transposed rather than it
	}
	r.put(rank, s, r.transposed(s), "missing-transpose", "the transpose of "+r.text(s)+" is missing")
}

// products edits the products of a tree, each chain of factors as a whole.
func (r *rewriter) products(e ast.Expr) {
	switch e := e.(type) {
	case *ast.Binary:
		if isProduct(e.Op) {
			fs, ops := r.factors(e)
			r.chain(e.Span, fs, ops)
			r.operands(e)
			return
		}
		r.products(e.X)
		r.products(e.Y)
	case *ast.Unary:
		r.products(e.X)
	case *ast.Postfix:
		r.products(e.X)
	case *ast.Power:
		r.products(e.X)
	case *ast.Paren:
		r.products(e.X)
	case *ast.Call:
		if fs, ops := r.factors(e); len(ops) > 0 { // X(y − z)
			r.chain(e.Span, fs, ops)
		}
		for _, a := range e.Args {
			r.products(a)
		}
	case *ast.Norm:
		r.products(e.X)
	}
}

func isProduct(op ast.Op) bool {
	return op == ast.Juxt || op == ast.Mul || op == ast.ElemMul || op == ast.Div
}

// operands goes on below the factors of a product.
func (r *rewriter) operands(e ast.Expr) {
	switch e := e.(type) {
	case *ast.Binary:
		if isProduct(e.Op) {
			r.operands(e.X)
			r.operands(e.Y)
			return
		}
	case *ast.Call:
		for _, a := range e.Args {
			r.products(a)
		}
		return
	}
	r.products(e)
}

// factor is the text of a factor; of is what it is the transpose of, or "".
type factor struct{ text, of string }

// factors flattens a product.
func (r *rewriter) factors(e ast.Expr) ([]factor, []ast.Op) {
	switch e := e.(type) {
	case *ast.Binary:
		if !isProduct(e.Op) {
			break
		}
		l, lo := r.factors(e.X)
		if y, ok := e.Y.(*ast.Binary); ok && (!isProduct(y.Op) || e.Op == ast.Div || y.Op != ast.Juxt) {
			return append(l, factor{text: "(" + r.text(y.Span) + ")"}), append(lo, e.Op)
		}
		f, fo := r.factors(e.Y)
		return append(l, f...), append(append(lo, e.Op), fo...)
	case *ast.Call:
		if len(e.Args) == 1 && (e.Space || r.c.prog.VarNamed(e.Fun.Text) != nil || r.defined(e.Fun.Text)) && e.Args[0].Pos().End < e.Span.End {
			return []factor{{text: e.Fun.Src}, {text: "(" + r.text(e.Args[0].Pos()) + ")"}}, []ast.Op{ast.Juxt}
		}
	case *ast.Postfix:
		if e.Op == ast.Transpose {
			return []factor{{r.text(e.Span), atom(e.X, r.text(e.X.Pos()))}}, nil
		}
	}
	return []factor{{text: atom(e, r.text(e.Pos()))}}, nil
}

// chain edits f1 op f2 op f3 …
func (r *rewriter) chain(at ast.Span, fs []factor, ops []ast.Op) {
	text := make([]string, len(fs))
	for i, f := range fs {
		text[i] = f.text
	}
	join := func(t []string, o []ast.Op) string {
		s := t[0]
		for i, op := range o {
			sep := "*"
			switch {
			case op == ast.ElemMul:
				sep = " .* "
			case op == ast.Div:
				sep = "/"
			case op == ast.Juxt && strings.HasPrefix(t[i+1], "(") && strings.HasSuffix(s, "'"):
				sep = ""
			case op == ast.Juxt:
				sep = " "
			}
			s += sep + t[i+1]
		}
		return s
	}
	put := func(rank int, t []string, o []ast.Op, id, msg string) { r.put(rank, at, join(t, o), id, msg) }
	put(1, []string{"(" + join(text, ops) + ")'"}, nil, "missing-transpose", "the transpose of "+r.text(at)+" is missing")
	clone := func() ([]string, []ast.Op) {
		return append([]string(nil), text...), append([]ast.Op(nil), ops...)
	}
	for i, op := range ops {
		if op == ast.Div {
			continue
		}
		// u'v for uv', and back.
		if fs[i].of != "" && r.vector(fs[i].of) && r.vector(text[i+1]) {
			t, o := clone()
			t[i], t[i+1] = fs[i].of, text[i+1]+"'"
			put(0, t, o, "inner-outer-confusion", "an inner product stands where the outer product belongs")
		}
		if fs[i+1].of != "" && r.vector(fs[i+1].of) && r.vector(text[i]) {
			t, o := clone()
			t[i], t[i+1] = text[i]+"'", fs[i+1].of
			put(0, t, o, "inner-outer-confusion", "an outer product stands where the inner product belongs")
		}
		for a := 0; a <= i && op != ast.ElemMul && len(fs) > 2 && len(fs) <= 6; a++ { // A(B.*(C D))
			left, right := join(text[a:i+1], ops[a:i]), join(text[i+1:], ops[i+1:])
			t := append(append([]string(nil), text[:a]...), "(("+left+").*("+right+"))")
			put(3, t, ops[:a], "hadamard", "a matrix product stands where the elementwise product belongs")
		}
		t, o := clone()
		if op == ast.ElemMul {
			o[i] = ast.Mul
			put(1, t, o, "hadamard", "an elementwise product stands where the matrix product belongs")
			t, o = clone()
			t[i], o[i] = text[i]+"'", ast.Mul
			put(2, t, o, "hadamard", "an elementwise product stands where the matrix product belongs")
			t, o = clone()
			t[i+1], o[i] = text[i+1]+"'", ast.Mul
			put(2, t, o, "hadamard", "an elementwise product stands where the matrix product belongs")
		} else {
			o[i] = ast.ElemMul
			if len(fs) > 2 && !slices.Contains(ops, ast.ElemMul) && r.vector(text[i]) && r.vector(text[i+1]) { // A(u .* v), not (A u) .* v
				g := "(" + join(text[i:i+2], []ast.Op{ast.ElemMul}) + ")"
				put(0, append(append(slices.Clone(text[:i]), g), text[i+2:]...), append(slices.Clone(ops[:i]), ops[i+1:]...), "hadamard", "a matrix product stands where the elementwise product belongs")
			}
			rank := 1
			if r.vector(text[i]) && r.vector(text[i+1]) && !strings.HasSuffix(text[i], "'") && !strings.HasSuffix(text[i+1], "'") {
				rank = 0 // of two columns there is no matrix product
			}
			put(rank, t, o, "hadamard", "a matrix product stands where the elementwise product belongs")
		}
	}
	for i := range fs {
		if len(ops) > 0 && i < len(ops) && ops[i] == ast.Div || i > 0 && ops[i-1] == ast.Div {
			continue
		}
		t, o := clone()
		t[i] = "diag(" + strings.TrimSuffix(strings.TrimPrefix(text[i], "("), ")") + ")"
		if !balanced(t[i]) {
			t[i] = "diag(" + text[i] + ")"
		}
		put(0, t, o, "missing-diag", "a vector stands where the diagonal matrix of it belongs")
	}
	r.swaps(text, ops, put)
}

// vector tells whether a factor may be a vector: a name of another shape is
// none.
func (r *rewriter) vector(text string) bool {
	if v := r.c.prog.VarNamed(text); v != nil {
		return v.Shape.IsCol() || v.Shape.IsRow()
	}
	for _, d := range r.c.prog.Defs {
		if d.Name == text {
			return d.Node.Shape.IsCol() || d.Node.Shape.IsRow()
		}
	}
	return strings.HasSuffix(text, ")") || strings.HasSuffix(text, "'")
}

func balanced(s string) bool {
	depth := 0
	for _, ch := range s {
		switch ch {
		case '(':
			depth++
		case ')':
			if depth--; depth < 0 {
				return false
			}
		}
	}
	return depth == 0
}

func isNumber(s string) bool { return strings.Trim(s, "0123456789.") == "" }

// swaps puts the factors of a product in other orders.
func (r *rewriter) swaps(text []string, ops []ast.Op, put func(rank int, t []string, o []ast.Op, id, msg string)) {
	const msg = "the factors are out of order"
	k := len(text)
	for _, op := range ops {
		if op == ast.Div {
			return
		}
	}
	plain := true
	for _, op := range ops {
		plain = plain && op != ast.ElemMul
	}
	if !plain {
		return
	}
	for i := 0; i < k; i++ {
		for j := i + 1; j < k; j++ {
			if isNumber(text[i]) || isNumber(text[j]) {
				continue
			}
			t := append([]string(nil), text...)
			t[i], t[j] = t[j], t[i]
			put(0, t, ops, "order-of-factors", msg)
			// One factor moved past several.
			t = append([]string(nil), text...)
			x := t[i]
			copy(t[i:j], t[i+1:j+1])
			t[j] = x
			put(1, t, ops, "order-of-factors", msg)
			t = append([]string(nil), text...)
			x = t[j]
			copy(t[i+1:j+1], t[i:j])
			t[i] = x
			put(1, t, ops, "order-of-factors", msg)
			// Out of order, and not transposed.
			for _, s := range []int{i, j} {
				t = append([]string(nil), text...)
				t[i], t[j] = t[j], t[i]
				if strings.HasSuffix(t[s], "'") {
					t[s] = strings.TrimSuffix(t[s], "'")
				} else {
					t[s] += "'"
				}
				put(2, t, ops, "order-of-factors", msg+", and a transpose is missing")
			}
		}
	}
}
