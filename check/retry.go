package check

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/parser"
	"github.com/matdiff/matdiff/verify"
)

// confirmed writes n and returns the text if, read in place of the claim's
// right side, it is right; else "".
func (c *checker) confirmed(i int, n *Node) string {
	s := c.print(n)
	if ok, _ := c.reads(i, s); ok {
		return s
	}
	return ""
}

// rightSide returns where the claimed side of a claim stands in the source.
func (c *checker) rightSide(i int) (start, end int) {
	s := c.res.Claims[i].Span
	start, end = s.Start, min(s.End, len(c.src))
	text := c.src[start:end]
	for k := len(text) - 1; k >= 0; k-- {
		if text[k] != '=' || k+1 < len(text) && text[k+1] == '=' || k > 0 && strings.ContainsRune("=<>!", rune(text[k-1])) {
			continue
		}
		if strings.Count(text[k:], "]") > strings.Count(text[k:], "[") {
			continue // inside [y = k]
		}
		return start + k + 1, end
	}
	return start, end
}

// reads puts a text for the right side of claim i and tells whether the claim
// is right then.
func (c *checker) reads(i int, text string) (bool, *Node) {
	start, end := c.rightSide(i)
	src := c.src[:start] + " " + text + c.src[end:]
	tree, list := parser.Parse(src)
	if list.Err() != nil {
		return false, nil
	}
	res, list := infer.Infer(tree, infer.Options{Claims: true, Abstract: true})
	if list.Err() != nil || len(res.Claims) <= i {
		return false, nil
	}
	cl := &res.Claims[i]
	if cl.Err.Err() != nil || len(cl.Sides) == 0 {
		return false, nil
	}
	d := newChecker(c.ctx, res, c.opt)
	for k := range c.assume {
		if x := res.Program.VarNamed(k.Var.Name); x != nil {
			d.assumption(&infer.Claim{Kind: infer.ClaimAssume, Of: res.Program.B.Var(x), Props: c.props[k]}, &Line{})
		}
	}
	q, err := d.question(cl, cl.Of)
	if err != nil {
		return false, nil
	}
	n, err := d.withJacobians(cl.Sides[len(cl.Sides)-1], cl.Of)
	if err != nil {
		return false, nil
	}
	r, _ := d.ask(q, n)
	return r == verify.Same, n
}

// nameShape finds what went wrong in a line whose shapes do not fit, by
// editing its text.
func (c *checker) nameShape(i int, d *diag.Diagnostic) *Mistake {
	m := &Mistake{ID: "shape", Message: d.Message}
	start, end := c.rightSide(i)
	rhs := strings.TrimSpace(c.src[start:end])
	until := time.Now().Add(c.opt.Limit)
	try := func(text, id, msg string) bool {
		if time.Now().After(until) || c.ctx.Err() != nil {
			return false
		}
		if ok, _ := c.reads(i, text); ok {
			m.ID, m.Message, m.Fix = id, d.Message+": "+msg, text
			return true
		}
		return false
	}
	ends := operandEnds(rhs)
	for _, k := range ends {
		if try(rhs[:k]+"'"+rhs[k:], "missing-transpose", "a transpose is missing") {
			return m
		}
	}
	for _, t := range []string{"'", "ᵀ", "^T", "^⊤", ".T", "^\\top"} {
		for k := 0; k < len(rhs); k++ {
			if strings.HasPrefix(rhs[k:], t) && try(rhs[:k]+rhs[k+len(t):], "missing-transpose", "a transpose does not belong here") {
				return m
			}
		}
	}
	if t := hadamardBetween(c.src, start, end, d); t != "" && try(t, "hadamard", "a matrix product stands where the elementwise product belongs") {
		return m
	}
	for k := 0; k < len(rhs); k++ {
		switch {
		case strings.HasPrefix(rhs[k:], ".*"):
			if try(rhs[:k]+"*"+rhs[k+2:], "hadamard", "an elementwise product stands where the matrix product belongs") {
				return m
			}
		case rhs[k] == '*':
			if try(rhs[:k]+".*"+rhs[k+1:], "hadamard", "a matrix product stands where the elementwise product belongs") {
				return m
			}
		}
	}
	for _, t := range swaps(rhs) {
		if try(t, "order-of-factors", "the factors are out of order") {
			return m
		}
	}
	for _, t := range diagonals(rhs) {
		if try(t, "missing-diag", "a vector stands where the diagonal matrix of it belongs") {
			return m
		}
	}
	for a := 0; a < len(ends); a++ { // two transposes
		for b := a + 1; b < len(ends) && len(ends) <= 12; b++ {
			x, y := ends[a], ends[b]
			if try(rhs[:x]+"'"+rhs[x:y]+"'"+rhs[y:], "missing-transpose", "two transposes are missing") {
				return m
			}
		}
	}
	c.closedShape(i, m)
	return m
}

// hadamardBetween puts .* between the factors, written side by side, that an
// error points at; "" if there are none.
func hadamardBetween(src string, start, end int, d *diag.Diagnostic) string {
	if len(d.Labels) < 2 {
		return ""
	}
	l, r := d.Labels[0].Span.End, d.Labels[1].Span.Start
	if l < start || r > end || l > r || strings.TrimSpace(src[l:r]) != "" {
		return ""
	}
	return strings.TrimSpace(src[start:l] + " .* " + src[r:end])
}

// closedShape gives the derived answer for a line that has no meaning.
func (c *checker) closedShape(i int, m *Mistake) {
	cl := &c.res.Claims[i]
	if cl.Of == nil && cl.Kind == infer.ClaimValue || len(cl.By) == 0 && cl.Kind != infer.ClaimDifferential && cl.Kind != infer.ClaimValue || cl.Of == nil && cl.Kind == infer.ClaimDifferential {
		return
	}
	q, err := c.question(cl, cl.Of)
	if err != nil {
		return
	}
	w := &namer{c: c, i: i, cl: cl, q: q, n: c.b.Zeros(expr.Scalar)}
	if n := w.closed(); n != nil && n.Shape == q.shape {
		m.Fix = c.confirmed(i, n)
	}
}

// operandEnds returns the offsets behind names and closing brackets.
func operandEnds(s string) []int {
	var out []int
	for k := 0; k < len(s); {
		r, n := utf8.DecodeRuneInString(s[k:])
		next, _ := utf8.DecodeRuneInString(s[k+n:])
		word := unicode.IsLetter(r) || r == '_' || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)
		more := unicode.IsLetter(next) || next == '_' || unicode.IsDigit(next) || unicode.Is(unicode.Mn, next)
		k += n
		if (word && !more && next != '(' && !unicode.IsDigit(r) || r == ')' || word && !more && next != '(') && next != '\'' {
			out = append(out, k)
		}
	}
	return out
}

// factorAt returns the factors to both sides of the operator at s[k].
func factorAt(s string, k int) (l, r int) {
	const stops = "*+-/=,"
	l, r = k, k+1
	for depth := 0; l > 0; l-- {
		ch := s[l-1]
		if ch == ')' {
			depth++
		}
		if ch == '(' {
			if depth == 0 {
				break
			}
			depth--
		}
		if depth == 0 && strings.ContainsRune(stops, rune(ch)) {
			break
		}
	}
	for depth := 0; r < len(s); r++ {
		ch := s[r]
		if ch == '(' {
			depth++
		}
		if ch == ')' {
			if depth == 0 {
				break
			}
			depth--
		}
		if depth == 0 && strings.ContainsRune(stops, rune(ch)) {
			break
		}
	}
	return l, r
}

// swaps exchanges neighbouring factors of written products a*b.
func swaps(s string) []string {
	var out []string
	for k := 0; k < len(s); k++ {
		if s[k] != '*' || k > 0 && s[k-1] == '.' {
			continue
		}
		l, r := factorAt(s, k)
		a, b := strings.TrimSpace(s[l:k]), strings.TrimSpace(s[k+1:r])
		if a != "" && b != "" {
			out = append(out, s[:l]+b+"*"+a+s[r:])
		}
	}
	return out
}

// diagonals wraps each factor of a written product in diag.
func diagonals(s string) []string {
	var out []string
	for k := 0; k < len(s); k++ {
		if s[k] != '*' || k > 0 && s[k-1] == '.' {
			continue
		}
		l, r := factorAt(s, k)
		out = append(out, s[:l]+"diag("+strings.TrimSpace(s[l:k])+")"+s[k:], s[:k+1]+"diag("+strings.TrimSpace(s[k+1:r])+")"+s[r:])
	}
	return out
}
