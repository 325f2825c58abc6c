package infer

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
)

// report turns a clash into an error: both shapes, where each comes from, and
// a fix that fits.
func (in *inferrer) report(y *typing, c *clash) {
	name := in.tentative()
	show := func(s shape) expr.Shape { return in.d.shape(s, name) }
	t := c.t
	d := &diag.Diagnostic{Code: c.code}
	var a, b *term
	if c.i >= 0 && c.i < len(t.args) {
		a = t.args[c.i]
	}
	if c.j >= 0 && c.j < len(t.args) {
		b = t.args[c.j]
	}
	label := func(at ast.Span, text string) { d.Labels = append(d.Labels, diag.Label{Span: at, Text: text}) }
	shapeLabel := func(x *term) { label(x.span, show(x.shp).String()) }
	what := in.words(t)
	switch {
	case c.what != "":
		d.Message = fmt.Sprintf("%s, but this is %v", c.what, show(t.shp))
		label(t.span, show(t.shp).String())
	case c.code == "E203":
		left := show(c.left)
		d.Message = fmt.Sprintf("cannot multiply %v by %v", left, show(b.shp))
		label(c.spanOf(), left.String())
		shapeLabel(b)
	case c.code == "E204":
		verb := "add"
		if t.op == opSub {
			verb = "subtract"
			d.Message = fmt.Sprintf("cannot subtract %v from %v", show(b.shp), show(a.shp))
		} else {
			d.Message = fmt.Sprintf("cannot %s %v and %v", verb, show(a.shp), show(b.shp))
		}
		shapeLabel(a)
		shapeLabel(b)
	case c.code == "E205", c.code == "E233":
		d.Message = fmt.Sprintf("%s needs operands of one shape, here they are %v and %v", what, show(a.shp), show(b.shp))
		shapeLabel(a)
		shapeLabel(b)
	case c.code == "E206":
		d.Message = fmt.Sprintf("a column %v with a row %v: this language does not spread both", show(a.shp), show(b.shp))
		if a.shp.isRow() {
			d.Message = fmt.Sprintf("a row %v with a column %v: this language does not spread both", show(a.shp), show(b.shp))
		}
		shapeLabel(a)
		shapeLabel(b)
		in.outerHelp(d, t, a, b)
	case c.code == "E207":
		d.Message = fmt.Sprintf("%s needs a square matrix, this is %v", what, show(a.shp))
		shapeLabel(a)
		if t.op == opInv && t.opSpan.End > t.opSpan.Start {
			in.offer(d, t, in.text(a.span)+".^-1", "for the reciprocal of each entry")
		}
	case c.code == "E208":
		d.Message = fmt.Sprintf("^ is the power of a scalar or of a square matrix, this is %v", show(a.shp))
		shapeLabel(a)
		x, e := in.text(a.span), in.exponent(t.args[1])
		in.offer(d, t, x+".^"+e, "for the power of each entry")
		if e == "2" {
			in.offer(d, t, "‖"+in.stripped(a)+"‖²", "for the squared norm")
		}
	case c.code == "E209":
		d.Message = fmt.Sprintf("the power of a matrix needs a whole number, not %s", in.text(b.span))
		shapeLabel(a)
		label(b.span, "not a whole number")
		in.offer(d, t, in.text(a.span)+".^"+in.exponent(b), "for the power of each entry")
	case c.code == "E210":
		x := in.stripped(a)
		d.Message = fmt.Sprintf("|%s| of a matrix (%v) has several meanings", x, show(a.shp))
		shapeLabel(a)
		det, abs, norm := "det("+x+")", "abs("+x+")", "norm("+x+")"
		switch {
		case a.shp.isCol() || a.shp.isRow():
			d.Message = fmt.Sprintf("|%s| of a vector (%v) has several meanings", x, show(a.shp))
			in.offer(d, t, norm, "for its length")
			in.offer(d, t, abs, "for each entry")
		case in.couldBeSquare(a.shp):
			in.offer(d, t, det, "")
			in.offer(d, t, abs, "")
			in.offer(d, t, norm, "")
		default:
			in.offer(d, t, abs, "for each entry")
			in.offer(d, t, norm, "for its length ("+det+" needs a square matrix)")
		}
	case c.code == "E211":
		d.Message = fmt.Sprintf("cannot divide by %v: / divides by a scalar", show(b.shp))
		shapeLabel(a)
		shapeLabel(b)
	case c.code == "E212":
		d.Message = fmt.Sprintf("%s needs a scalar here, this is %v", what, show(a.shp))
		shapeLabel(a)
		if t.op == opElemPow {
			fix := fmt.Sprintf("exp(%s .* log(%s))", in.factorText(a), in.stripped(t.args[0]))
			in.offer(d, t, fix, "for a positive base")
		}
	case c.code == "E214" && c.err != nil:
		d.Message = fmt.Sprintf("%v", in.reword(y, t, c.err))
		for _, x := range t.args {
			shapeLabel(x)
		}
	case c.code == "E214":
		d.Message = fmt.Sprintf("%s needs a vector, this is %v", what, show(a.shp))
		shapeLabel(a)
	case c.code == "E234":
		d.Message = fmt.Sprintf("%s needs operands of one shape, here they are %v and %v", what, show(a.shp), show(b.shp))
		shapeLabel(a)
		shapeLabel(b)
	case c.code == "E235":
		d.Message = fmt.Sprintf("cannot solve: the matrix is %v and the right side %v", show(a.shp), show(b.shp))
		shapeLabel(a)
		shapeLabel(b)
		if in.d.same(a.shp.r, b.shp.r) {
			x, z := in.factorText(a), in.factorText(b)
			fix := fmt.Sprintf("(%s'*%s) \\ (%s'*%s)", x, x, x, z)
			in.offer(d, t, fix, "for the least-squares solution")
		}
	case c.code == "E237":
		d.Message = fmt.Sprintf("‖X‖_2 of a matrix (%v) is its largest singular value, which is not in the language", show(a.shp))
		shapeLabel(a)
		in.offer(d, t, "‖"+in.stripped(a)+"‖_F", "for the Frobenius norm")
	case c.code == "E232":
		d.Message = fmt.Sprintf("the sum runs over %v, and %s is %v", sumSize(t), in.text(t.span), show(a.shp))
		label(t.span, show(a.shp).String())
	default:
		d.Message = fmt.Sprintf("%s does not fit", what)
		label(t.span, "")
	}
	in.origins(d, t, show)
	if len(d.Fixes) == 0 {
		in.fix(y, c, d)
	}
	d.Advise()
	in.add(d)
}

// exponent writes an exponent behind .^: a superscript or fraction as a number.
func (in *inferrer) exponent(t *term) string {
	switch k, ok := constant(t); {
	case ok && k.IsInt():
		return k.Num().String()
	case ok && (t.op == opNum || t.op == opNeg) && in.src[t.span.Start] < utf8.RuneSelf && !strings.ContainsAny(in.text(t.span), "½⅓¼"):
		return in.text(t.span)
	case ok:
		return "(" + k.RatString() + ")"
	}
	if s := in.text(t.span); t.op == opSym || in.bracketed(t) && s[0] == '(' {
		return s
	} else {
		return "(" + s + ")"
	}
}

func sumSize(t *term) expr.Dim {
	if t.sizes[0].Known() {
		return t.sizes[0]
	}
	return t.sizes[1]
}

// words names an operation in a message.
func (in *inferrer) words(t *term) string {
	switch t.op {
	case opCall:
		if t.kind != "" {
			return "the norm"
		}
		if t.fn.Family == "comparison" {
			return "a comparison"
		}
		return t.fn.Name
	case opApply:
		return t.sym.name
	case opHad:
		return ".*"
	case opElemDiv:
		return "./"
	case opInv, opInvT:
		return "an inverse"
	case opPow:
		return "the exponent of a scalar"
	case opElemPow:
		return "the exponent of .^"
	}
	return "this"
}

// stripped returns the text of a term without brackets around it.
func (in *inferrer) stripped(t *term) string {
	s := in.text(t.span)
	if in.bracketed(t) && len(s) > 2 && s[0] == '(' {
		return s[1 : len(s)-1]
	}
	return s
}

func (in *inferrer) couldBeSquare(s shape) bool {
	r, c := in.d.find(s.r), in.d.find(s.c)
	return r == c || in.d.open(r) || in.d.open(c) || in.d.nodes[r].known == in.d.nodes[c].known
}

// tentative names open sizes for a message, without settling them.
func (in *inferrer) tentative() func(dim) string {
	names := map[dim]string{}
	used := map[string]bool{}
	for k, s := range in.env.syms {
		used[k], used[s.name] = true, true
	}
	return func(r dim) string {
		if n := in.sizes.name[r]; n != "" {
			return n
		}
		if names[r] == "" {
			for _, p := range pool {
				if !used[p] {
					names[r], used[p] = p, true
					break
				}
			}
			if names[r] == "" {
				names[r] = "n" + itoa(len(names)+10)
			}
		}
		return names[r]
	}
}

// reword repeats the message of a shape rule with names for open sizes.
func (in *inferrer) reword(y *typing, t *term, err error) error {
	name := in.tentative()
	args := make([]expr.Shape, len(t.args))
	for i, a := range t.args {
		args[i] = in.d.shape(a.shp, name)
	}
	if t.fn == nil {
		return err
	}
	if _, e := t.fn.FnShape(args); e != nil {
		return e
	}
	return err
}

// origins points at the declarations of the names below the operands, so that
// each shape says where it came from.
func (in *inferrer) origins(d *diag.Diagnostic, t *term, show func(shape) expr.Shape) {
	if in.quiet {
		return
	}
	seen := map[*symbol]bool{}
	in.eachTerm(t, func(u *term) {
		s := u.sym
		if u.op != opSym || seen[s] || len(seen) >= 4 {
			return
		}
		seen[s] = true
		switch {
		case s.kind == symVar && s.declared:
			d.Labels = append(d.Labels, diag.Label{Span: s.span, Text: s.name + " is declared " + s.known.String()})
		case s.kind == symDef && s.def != nil && !s.def.failed:
			d.Labels = append(d.Labels, diag.Label{Span: s.span, Text: s.name + " is defined as " + show(s.def.t.shp).String()})
		case s.kind == symVar:
			if s.span != u.span {
				d.Labels = append(d.Labels, diag.Label{Span: s.span, Text: s.name + " is not declared, read as " + show(u.shp).String()})
			}
		}
	})
}

// outerHelp offers the products with ones for a column with a row, and what is
// meant more often where the lengths agree: one of them transposed.
func (in *inferrer) outerHelp(d *diag.Diagnostic, t, a, b *term) {
	op := map[op]string{opAdd: "+", opSub: "-", opHad: ".*", opElemDiv: "./"}[t.op]
	x, y := in.factorText(a), in.factorText(b)
	wideX, wideY := x+"*1'", "𝟏*"+y
	if a.shp.isRow() {
		wideX, wideY = "𝟏*"+x, y+"*1'"
	}
	// Take a transpose away where there is one, else transpose the row.
	flipX, flipY := in.text(a.span), in.text(b.span)
	if a.op == opT || b.op != opT && a.shp.isRow() {
		flipX = in.flipped(a)
	} else {
		flipY = in.flipped(b)
	}
	sign := op
	pair := func(x, y string) string { return x + " " + sign + " " + y }
	switch {
	case op == "" && t.fn.Family == "comparison":
		sign = strings.TrimSpace(in.src[a.span.End:max(a.span.End, b.span.Start)])
		pair = func(x, y string) string { return "[" + x + " " + sign + " " + y + "]" }
	case op == "":
		pair = func(x, y string) string { return t.fn.Name + "(" + x + ", " + y + ")" }
	}
	wide := pair(wideX, wideY)
	switch {
	case op == ".*" && a.shp.isRow():
		wide = y + "*" + x
	case op == ".*":
		wide = x + "*" + y
	case op == "./":
		wide = pair("("+wideX+")", "("+wideY+")")
	}
	in.offer(d, t, wide, "for the matrix of all pairs")
	if n, m := a.shp.r+a.shp.c, b.shp.r+b.shp.c; in.d.same(n, m) || in.d.open(in.d.find(n)) || in.d.open(in.d.find(m)) {
		in.offer(d, t, pair(flipX, flipY), "with one transposed")
	}
}

// offer records an edit that takes the place of a term.
func (in *inferrer) offer(d *diag.Diagnostic, t *term, text, what string) {
	f := diag.Fix{Span: t.span, Text: text, For: what}
	if in.bracketed(t) && t.span.Start < len(in.src) && in.src[t.span.Start] == '(' {
		f.Text, f.Show = "("+text+")", text
	} else if before, _ := utf8.DecodeLastRuneInString(in.src[:min(t.span.Start, len(in.src))]); isLetter(before) && isLetter(firstRune(text)) {
		f.Text, f.Show = " "+text, text // log|A| is log det(A)
	}
	d.Offer(f)
}

// factorText writes a term as a factor.
func (in *inferrer) factorText(t *term) string {
	s := in.text(t.span)
	if atomic(t) {
		return s
	}
	return "(" + in.stripped(t) + ")"
}

// flipped writes a term transposed, x for x'.
func (in *inferrer) flipped(t *term) string {
	if t.op == opT {
		return in.text(t.args[0].span)
	}
	return in.factorText(t) + "'"
}

func atomic(t *term) bool {
	switch t.op {
	case opNum, opSym, opOnes, opEye, opCall, opApply, opT, opInv, opInvT, opPow, opElemPow, opAbs, opDiff, opAdjoint, opJacobian, opHessian, opPrime:
		return true
	}
	return false
}

// reportTie says that two readings are equally good, and which declaration
// would settle it.
func (in *inferrer) reportTie(a, b *solution) {
	for i, s := range in.env.open {
		if s.kind == symOnes || a.choice[i] == b.choice[i] {
			continue
		}
		x, z := className(s.readings[a.choice[i]].class), className(s.readings[b.choice[i]].class)
		in.add(&diag.Diagnostic{Code: "E217", Message: fmt.Sprintf("two readings are equally good: %s as %s or as %s", s.name, x, z),
			Labels: []diag.Label{{Span: s.span, Text: s.name + " is not declared"}},
			Help:   fmt.Sprintf("declare it: %s", in.declarations(s, a.choice[i], b.choice[i]))})
		return
	}
}

func className(c class) string {
	return map[class]string{asScalar: "a scalar", asCol: "a column vector", asRow: "a row vector", asMatrix: "a matrix"}[c]
}

func (in *inferrer) declarations(s *symbol, x, z int8) string {
	form := func(k int8) string {
		n := "n"
		for _, p := range pool {
			if in.env.lookup(p) == nil {
				n = p
				break
			}
		}
		if s.kind == symFunc {
			return s.name + ": R^n → " + map[class]string{asScalar: "R", asCol: "R^m", asMatrix: "R^n"}[s.readings[k].class]
		}
		switch s.readings[k].class {
		case asScalar:
			return s.name + ": scalar"
		case asCol:
			return s.name + ": " + n
		case asRow:
			return s.name + ": 1×" + n
		}
		return s.name + ": " + n + "×" + n
	}
	out := form(x) + " or " + form(z)
	for _, r := range s.readings {
		if r.class == asScalar && s.readings[x].class != asScalar && s.readings[z].class != asScalar {
			out += " (or " + s.name + ": scalar)"
		}
	}
	return out
}
