package eval

import (
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

// ParsePoint reads the values of variables as they are given on a command
// line:
//
//	x_1=1, x_2=1/2      w=[1, 2, 3]      A=[1 2; 3 4]      A=[[1,2],[3,4]]      N=5
//
// A list is a vector, in the direction of its variable. Sizes follow from the
// values, and may be given themselves. All variables need a value; the list of
// errors, if it is not empty, points into src.
func ParsePoint(src string, vars []*expr.Var) (Env, *diag.List) {
	p := &pointReader{src: src, errs: &diag.List{File: "--at", Source: src}, vars: vars,
		env: Env{Vars: make(map[string]*num.Mat), Sizes: make(map[string]int)}, from: make(map[string]string), at: make(map[string]ast.Span)}
	p.read()
	if p.errs.Err() == nil {
		p.fit()
	}
	if p.errs.Err() != nil {
		return Env{}, p.errs
	}
	return p.env, nil
}

// pointReader is the state of ParsePoint.
type pointReader struct {
	src  string
	pos  int
	errs *diag.List
	vars []*expr.Var
	env  Env
	from map[string]string // size symbol → what gave it its value
	at   map[string]ast.Span
	flat map[string]bool // given as a list, row or column alike
}

func (p *pointReader) fail(code string, s ast.Span, help, format string, args ...any) {
	p.errs.Add(&diag.Diagnostic{Code: code, Message: fmt.Sprintf(format, args...), Labels: []diag.Label{{Span: s}}, Help: help})
}

func (p *pointReader) spaces() {
	for p.pos < len(p.src) && strings.IndexByte(" \t\n\r", p.src[p.pos]) >= 0 {
		p.pos++
	}
}

func (p *pointReader) peek() byte {
	if p.pos < len(p.src) {
		return p.src[p.pos]
	}
	return 0
}

// next is the span of one character at the position, or of the end.
func (p *pointReader) next() ast.Span {
	_, n := utf8.DecodeRuneInString(p.src[p.pos:])
	return ast.Span{Start: p.pos, End: p.pos + n}
}

func (p *pointReader) read() {
	p.flat = make(map[string]bool)
	for {
		for p.spaces(); p.peek() == ',' || p.peek() == ';'; p.spaces() {
			p.pos++
		}
		if p.pos >= len(p.src) {
			return
		}
		if !p.assignment() {
			return
		}
	}
}

// assignment reads name = value.
func (p *pointReader) assignment() bool {
	start := p.pos
	for p.pos < len(p.src) && strings.IndexByte("=:,;[ \t\n", p.src[p.pos]) < 0 {
		p.pos++
	}
	name := ast.Span{Start: start, End: p.pos}
	text := p.src[start:p.pos]
	p.spaces()
	if text == "" || p.peek() != '=' && p.peek() != ':' {
		p.fail("E601", name, "write name=value, as in x=1, w=[1,2,3], A=[1 2;3 4]", "a name and a value are expected here")
		return false
	}
	p.pos++
	p.spaces()
	value := p.pos
	m, list, ok := p.value()
	if !ok {
		return false
	}
	span := ast.Span{Start: value, End: p.pos}
	v, size := p.find(text)
	switch {
	case v != nil && p.env.Vars[v.Name] != nil:
		p.fail("E601", name, "", "%s is given twice", v.Name)
	case v != nil:
		p.env.Vars[v.Name], p.at[v.Name], p.flat[v.Name] = m, span, list
	case size != "":
		if d := m.Data[0]; len(m.Data) != 1 || d != math.Trunc(d) || d < 1 || d > 1<<20 {
			p.fail("E601", span, "", "the size %s is a whole number", size)
			break
		}
		p.env.Sizes[size], p.from[size] = int(m.Data[0]), "given"
	default:
		p.fail("E601", name, "the variables are "+p.names(), "%s is not a variable of the program", text)
	}
	return true
}

// find returns the variable or the size of that name; z_{1} is z_1.
func (p *pointReader) find(text string) (*expr.Var, string) {
	plain := strings.NewReplacer("{", "", "}", "").Replace(text)
	for _, v := range p.vars {
		if v.Name == text || v.Name == plain {
			return v, ""
		}
	}
	for _, v := range p.vars {
		for _, d := range [2]expr.Dim{v.Shape.R, v.Shape.C} {
			for _, s := range d.Symbols() {
				if s == text {
					return nil, s
				}
			}
		}
	}
	return nil, ""
}

func (p *pointReader) names() string {
	var out []string
	for _, v := range p.vars {
		out = append(out, v.Name)
	}
	return strings.Join(out, ", ")
}

// value reads a number or a bracketed list; list tells that it was written in
// one dimension.
func (p *pointReader) value() (m *num.Mat, list, ok bool) {
	if p.peek() != '[' {
		x, ok := p.number()
		return num.Scalar(x), false, ok
	}
	open := p.next()
	p.pos++
	rows := [][]float64{nil}
	nested, semis := false, false
	for {
		p.spaces()
		switch c := p.peek(); c {
		case 0:
			p.fail("E601", open, "", "this bracket is not closed")
			return nil, false, false
		case ']':
			p.pos++
			if len(rows) > 1 && len(rows[len(rows)-1]) == 0 {
				rows = rows[:len(rows)-1]
			}
			return p.matrix(rows, open, !nested && !semis)
		case ',':
			p.pos++
		case ';':
			semis = true
			p.pos++
			rows = append(rows, nil)
		case '[':
			at := p.next()
			row, flat, ok := p.value()
			if !ok {
				return nil, false, false
			}
			if !flat || !nested && len(rows[0]) > 0 {
				p.fail("E601", at, "a matrix is [1 2;3 4] or [[1,2],[3,4]]", "brackets within a row are not understood")
				return nil, false, false
			}
			if nested {
				rows = append(rows, nil)
			}
			nested = true
			rows[len(rows)-1] = row.Data
		default:
			x, ok := p.number()
			if !ok {
				return nil, false, false
			}
			if nested {
				p.fail("E601", ast.Span{Start: p.pos - 1, End: p.pos}, "a matrix is [1 2;3 4] or [[1,2],[3,4]]", "numbers stand beside rows in brackets")
				return nil, false, false
			}
			rows[len(rows)-1] = append(rows[len(rows)-1], x)
		}
	}
}

func (p *pointReader) matrix(rows [][]float64, open ast.Span, list bool) (*num.Mat, bool, bool) {
	m := num.New(len(rows), len(rows[0]))
	for i, r := range rows {
		if len(r) != m.C || len(r) == 0 {
			msg := fmt.Sprintf("row %d has %d entries, row 1 has %d", i+1, len(r), m.C)
			if len(r) == 0 {
				msg = "a row without entries"
			}
			p.fail("E601", ast.Span{Start: open.Start, End: p.pos}, "", "%s", msg)
			return nil, false, false
		}
		copy(m.Data[i*m.C:], r)
	}
	return m, list, true
}

// number reads 2, -0.5, 1e-3, 1/3, pi.
func (p *pointReader) number() (float64, bool) {
	start := p.pos
	for p.pos < len(p.src) && strings.IndexByte(",;[] \t\n\r", p.src[p.pos]) < 0 {
		p.pos++
	}
	text := p.src[start:p.pos]
	over, under, frac := strings.Cut(strings.Replace(text, "−", "-", 1), "/")
	x, ok := plain(over)
	if frac && ok {
		var y float64
		y, ok = plain(under)
		x /= y
	}
	if !ok || math.IsNaN(x) || math.IsInf(x, 0) {
		s := ast.Span{Start: start, End: p.pos}
		if text == "" {
			s = p.next()
			p.fail("E601", s, "", "a number is expected here")
		} else {
			p.fail("E601", s, "", "%s is not a number", text)
		}
		return 0, false
	}
	return x, true
}

func plain(s string) (float64, bool) {
	sign := 1.0
	if t, ok := strings.CutPrefix(s, "-"); ok {
		s, sign = t, -1
	}
	switch s {
	case "pi", "π":
		return sign * math.Pi, true
	}
	if strings.ContainsAny(s, "xXpP_nNiI") { // hexadecimal, 1_000, nan, inf
		return 0, false
	}
	x, err := strconv.ParseFloat(s, 64)
	return sign * x, err == nil
}

// fit turns lists into the direction of their variables, finds the sizes, and
// reports what does not fit or is missing.
func (p *pointReader) fit() {
	var missing []string
	for _, v := range p.vars {
		m := p.env.Vars[v.Name]
		if m == nil {
			missing = append(missing, example(v))
			continue
		}
		if (p.flat[v.Name] && !v.Shape.R.IsOne() && v.Shape.C.IsOne()) && m.R == 1 {
			m.R, m.C = m.C, 1
		}
	}
	for _, several := range []bool{false, true} { // N*K after N and K
		for _, v := range p.vars {
			if m := p.env.Vars[v.Name]; m != nil && several == (len(v.Shape.R.Symbols()) > 1 || len(v.Shape.C.Symbols()) > 1) {
				p.shape(v, m)
			}
		}
	}
	if len(missing) > 0 && p.errs.Err() == nil {
		sort.Strings(missing)
		p.fail("E603", ast.Span{Start: len(p.src), End: len(p.src)}, "add "+strings.Join(missing, ", "), "the point has no value for every variable")
	}
}

func example(v *expr.Var) string {
	switch {
	case v.Shape.IsScalar():
		return v.Name + "=…"
	case v.Shape.IsCol() || v.Shape.IsRow():
		return v.Name + "=[…, …]"
	}
	return v.Name + "=[… …; … …] (" + v.Shape.String() + ")"
}

// shape solves the sizes of one variable.
func (p *pointReader) shape(v *expr.Var, m *num.Mat) {
	for i, d := range [2]expr.Dim{v.Shape.R, v.Shape.C} {
		have := [2]int{m.R, m.C}[i]
		free, rest := "", d.K
		for _, s := range d.Symbols() {
			if n, ok := p.env.Sizes[s]; ok {
				rest *= n
			} else if free == "" {
				free = s
			} else {
				p.fail("E602", p.at[v.Name], "give the sizes too, as in "+free+"=2", "the sizes %s of %s cannot be told apart", d, v.Name)
				return
			}
		}
		if free != "" && rest > 0 && have%rest == 0 {
			p.env.Sizes[free], p.from[free] = have/rest, "from "+v.Name
			continue
		}
		if free == "" && rest == have {
			continue
		}
		why := ""
		for _, s := range d.Symbols() {
			if f := p.from[s]; f != "" {
				why += fmt.Sprintf(", and %s = %d is %s", s, p.env.Sizes[s], f)
			}
		}
		p.fail("E602", p.at[v.Name], "", "%s is %s, the value is %d×%d%s", v.Name, v.Shape, m.R, m.C, why)
		return
	}
}
