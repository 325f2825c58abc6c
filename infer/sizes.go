package infer

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
)

// sizeNames gives names to the sizes that were inferred.
type sizeNames struct {
	name  map[dim]string
	order []string
	used  map[string]bool
	last  int // the last n10, n11, … tried
}

// customs are the letters that texts use for the sizes of a variable.
var customs = map[string][2]string{
	"X": {"N", "D"}, "W": {"D", "K"}, "Y": {"N", "K"}, "Z": {"N", "K"}, "P": {"N", "K"}, "b": {"K", "K"}, "w": {"D", "D"}, "y": {"N", "N"},
	"A": {"m", "n"}, "B": {"n", "p"}, "C": {"p", "q"}, "U": {"n", "r"}, "V": {"m", "r"}, "S": {"n", "n"}, "Σ": {"n", "n"}, "Λ": {"n", "n"},
	"x": {"n", "n"}, "a": {"n", "n"}, "c": {"n", "n"}, "μ": {"n", "n"}, "m": {"n", "n"}, "z": {"n", "n"}, "θ": {"D", "D"}, "β": {"D", "D"}, "t": {"N", "N"},
	"H": {"N", "H"}, "Q": {"N", "d"}, "K": {"M", "d"}, "F": {"n", "k"}, "L": {"n", "n"}, "M": {"m", "n"}, "T": {"N", "K"},
}

// pool is what is taken when the customary letters are.
var pool = strings.Fields("n m p q r s k l d h N M D K P R S L n1 n2 n3 n4 n5 n6 n7 n8 n9")

// nameSizes names every size that no declaration gives. Each variable that
// has the size votes for its customary letter: matrices before vectors, since
// their letters say more.
func (in *inferrer) nameSizes(y *typing) {
	z := &in.sizes
	z.name = make(map[dim]string)
	z.used = make(map[string]bool)
	for k, s := range in.env.syms {
		z.used[k] = true
		z.used[s.name] = true
	}
	type vote struct {
		root    dim
		letters []string
		weight  []int
		named   bool // a variable has the size
	}
	var votes []*vote
	find := map[dim]*vote{}
	cast := func(a dim, letter string, w int) {
		r := in.d.find(a)
		if !in.d.open(r) {
			for _, p := range in.d.nodes[r].prod {
				if in.d.open(in.d.find(p)) && find[in.d.find(p)] == nil {
					v := &vote{root: in.d.find(p)}
					find[v.root] = v
					votes = append(votes, v)
				}
			}
			return
		}
		v := find[r]
		if v == nil {
			v = &vote{root: r}
			find[r] = v
			votes = append(votes, v)
		}
		if letter == "" {
			return
		}
		for i, l := range v.letters {
			if l == letter {
				v.weight[i] += w
				return
			}
		}
		v.letters = append(v.letters, letter)
		v.weight = append(v.weight, w)
	}
	vote2 := func(s *symbol, shp shape) {
		c := customs[letterOf(s.key)]
		w := 1
		if shp.isMatrix() {
			w = 3
		}
		sizes := [2]dim{shp.r, shp.c}
		if square := shp.isMatrix() && in.d.same(shp.r, shp.c); square {
			c, w, sizes[1] = [2]string{"n", "n"}, 2, 0
			if l := letterOf(s.key); l == "K" || l == "G" { // kernels and Gram matrices
				c = [2]string{"N", "N"}
			}
		}
		for k, a := range sizes {
			cast(a, c[k], w)
			if v := find[in.d.find(a)]; v != nil {
				v.named = true
			}
		}
	}
	for _, s := range in.env.order {
		if s.kind == symVar && !s.declared && s.epoch == y.epoch {
			vote2(s, s.shp)
		}
	}
	for _, s := range in.env.order { // what functions return, after what they are given
		if s.kind == symFunc && s.epoch == y.epoch && !s.fun.entry && (s.declared || s.readings[y.choice[s.idx]].class != asMatrix) {
			vote2(s, s.shp)
		}
	}
	for _, st := range in.stmts {
		if !st.failed {
			in.eachTerm(st.t, func(t *term) {
				cast(t.shp.r, "", 0)
				cast(t.shp.c, "", 0)
			})
		}
	}
	for _, v := range votes {
		if !v.named {
			in.unknownSize(v.root)
		}
		best, w := "", -1
		for i, l := range v.letters {
			if v.weight[i] > w && in.sizeFree(l, v.root, y) {
				best, w = l, v.weight[i]
			}
		}
		if best == "" {
			best = in.poolName()
		}
		z.take(v.root, in.adopt(best))
	}
}

// unknownSize reports ones, zeros or eye whose size nothing tells, the first
// of those that share it.
func (in *inferrer) unknownSize(r dim) {
	var first *term
	for _, st := range in.stmts {
		if st.failed {
			continue
		}
		in.eachTerm(st.t, func(t *term) {
			if first == nil && in.isFill(t) && (in.d.find(t.shp.r) == r || in.d.find(t.shp.c) == r) {
				first = t
			}
		})
	}
	if first != nil {
		in.reportSize(first)
	}
}

// isFill tells ones, zeros, eye and fills whose size the context decides.
func (in *inferrer) isFill(t *term) bool {
	return t.op == opOnes || t.op == opEye || t.op == opCall && t.fn.Op != expr.OpNum && len(t.sizes) == 0
}

func (in *inferrer) reportSize(t *term) {
	name := in.text(t.span)
	help := "write " + strings.TrimSuffix(name, "()") + "(n)"
	switch {
	case t.op == opOnes:
		help = "write ones(n)"
	case t.op == opEye:
		help = "write eye(n)"
	case len(t.args) == 1 && t.shp.isCol(): // vector(2)
		help = "write " + in.factorText(t.args[0]) + "*ones(n)"
	case len(t.args) == 1: // matrix(2)
		help = "write " + in.factorText(t.args[0]) + "*ones(n, m)"
	}
	in.add(&diag.Diagnostic{Code: "E230", Message: "nothing tells the size of " + name, Labels: []diag.Label{{Span: t.span}}, Help: help + " with its size"})
}

func (z *sizeNames) take(r dim, name string) {
	z.name[r] = name
	z.used[name] = true
	z.order = append(z.order, name)
}

func letterOf(key string) string {
	_, n := utf8.DecodeRuneInString(key)
	return key[:n]
}

// sizeFree tells whether a letter can name the size: nothing has it, or only
// a scalar that nobody declared (1/N beside an X of N rows), which is then
// read as that size.
func (in *inferrer) sizeFree(l string, r dim, y *typing) bool {
	if !in.sizes.used[l] {
		return in.swapped(l, y) == nil
	}
	return in.freeScalar(l, y) != nil
}

// freeScalar returns the undeclared scalar of that name.
func (in *inferrer) freeScalar(l string, y *typing) *symbol {
	s := in.env.lookup(l)
	if s == nil || s.kind != symVar || s.declared || s.idx < 0 || s.isSize || s.epoch != y.epoch || !s.shp.isScalar() || len(s.assumed) > 0 {
		return nil
	}
	return s
}

// swapped returns the undeclared scalar that is the letter in the other case:
// in 1/n sum(X w) the rows of X are n, not N.
func (in *inferrer) swapped(l string, y *typing) *symbol {
	r := firstRune(l)
	o := unicode.ToLower(r)
	if o == r {
		o = unicode.ToUpper(r)
	}
	if r != 'N' && r != 'n' {
		return nil
	}
	return in.freeScalar(string(o), y)
}

// adopt makes an undeclared scalar of that name the size.
func (in *inferrer) adopt(l string) string {
	if s := in.env.lookup(l); s != nil && s.kind == symVar && !s.declared && s.idx >= 0 {
		s.isSize = true
		in.note("read %s as a size; declare %s: scalar if it is a variable", l, l)
	}
	return l
}

func (in *inferrer) poolName() string {
	for _, p := range pool {
		if !in.sizes.used[p] {
			return p
		}
	}
	for i := max(in.sizes.last, 9) + 1; ; i++ {
		p := "n" + itoa(i)
		if in.sizes.last = i; !in.sizes.used[p] {
			return p
		}
	}
}

// nameOf returns the name of an inferred size, and makes one where a later
// statement, a claim, brings in a new size.
func (in *inferrer) nameOf(r dim) string {
	if n := in.sizes.name[r]; n != "" {
		return n
	}
	if in.sizes.name == nil {
		in.sizes.name = make(map[dim]string)
	}
	if in.sizes.used == nil {
		in.sizes.used = make(map[string]bool)
		for k, s := range in.env.syms {
			in.sizes.used[k] = true
			in.sizes.used[s.name] = true
		}
	}
	n := in.poolName()
	in.sizes.take(r, n)
	return n
}

// final returns the shape of a term with all sizes named.
func (in *inferrer) final(s shape) expr.Shape { return in.d.shape(s, in.nameOf) }

func (in *inferrer) eachTerm(t *term, f func(*term)) {
	for _, a := range t.args {
		in.eachTerm(a, f)
	}
	if t.op != opBad {
		f(t)
	}
}
