package codegen

import (
	"fmt"
	"strings"
)

// problem writes Pack, Unpack and Problem: the objective as a function of one
// vector of all variables that it is differentiated by.
func (g *goGen) problem(b *strings.Builder, grads []Gradient) {
	if len(grads) == 0 {
		g.err = fail(CodeTarget, "use --order gradient", "an optimisation problem needs gradients")
		return
	}
	n := g.opt.Name
	g.imports["optimize"] = true
	var total []string
	for _, gr := range grads {
		total = append(total, g.field(gr.Wrt.Shape.Count()))
	}
	var names []string
	for _, gr := range grads {
		names = append(names, g.vars[gr.Wrt])
	}
	list := strings.Join(names, ", ")
	each := func(f func(field, r, c string, scalar bool)) {
		for _, gr := range grads {
			f(g.vars[gr.Wrt], g.field(gr.Wrt.Shape.R), g.field(gr.Wrt.Shape.C), gr.Wrt.Shape.IsScalar())
		}
	}
	fmt.Fprintf(b, "// NumParams returns the number of entries of %s.\nfunc (m *%s) NumParams() int {\nreturn %s\n}\n\n", list, n, strings.Join(total, " + "))

	fmt.Fprintf(b, "// Pack copies %s of in, row by row, to x, which has NumParams entries.\nfunc (m *%s) Pack(x []float64, in *%sInput) {\n", list, n, n)
	g.packBody(b, each, "in", true)
	b.WriteString("}\n\n")
	fmt.Fprintf(b, "// Unpack copies x to %s of in.\nfunc (m *%s) Unpack(in *%sInput, x []float64) {\n", list, n, n)
	g.packBody(b, each, "in", false)
	b.WriteString("}\n\n")

	fmt.Fprintf(b, `// Problem returns the minimisation of the objective over %s, packed into one
// vector as Pack does; the other variables of in are data. The problem has
// matrices of its own: in is not changed. It is not safe for concurrent use.
func (m *%s) Problem(in *%sInput) optimize.Problem {
at := *in
`, list, n, n)
	each(func(f, r, c string, scalar bool) {
		if !scalar {
			fmt.Fprintf(b, "at.%s = mat.NewDense(%s, %s, nil)\n", f, r, c)
		}
	})
	b.WriteString(`grad := m.NewGrad()
var value float64
last := make([]float64, m.NumParams())
last[0] = math.NaN()
// Value and gradient are computed together, since a line search asks for both
// at one point.
eval := func(x []float64) {
if slices.Equal(x, last) {
return
}
copy(last, x)
m.Unpack(&at, x)
value = m.ValueAndGrad(&at, grad)
}
return optimize.Problem{
Func: func(x []float64) float64 {
eval(x)
return value
},
Grad: func(g, x []float64) {
eval(x)
`)
	g.packGrad(b, each)
	b.WriteString("},\n}\n}\n\n")
	g.imports["math"], g.imports["slices"] = true, true
}

// packBody copies between the packed vector x and the fields of a struct.
func (g *goGen) packBody(b *strings.Builder, each func(func(f, r, c string, scalar bool)), from string, pack bool) {
	g.need("packMat")
	g.need("unpackMat")
	var out strings.Builder
	each(func(f, r, c string, scalar bool) {
		switch {
		case scalar && pack:
			fmt.Fprintf(&out, "x[0] = %s.%s\nx = x[1:]\n", from, f)
		case scalar:
			fmt.Fprintf(&out, "%s.%s = x[0]\nx = x[1:]\n", from, f)
		case pack:
			fmt.Fprintf(&out, "x = m.packMat(x, %s.%s.RawMatrix())\n", from, f)
		default:
			fmt.Fprintf(&out, "x = m.unpackMat(%s.%s.RawMatrix(), x)\n", from, f)
		}
	})
	b.WriteString(lastUse(out.String(), "x"))
}

// lastUse leaves the last assignment of the rest of a vector out, which nothing
// reads.
func lastUse(code, name string) string {
	lines := strings.SplitAfter(code, "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if call, ok := strings.CutPrefix(lines[i], name+" = "); ok {
			lines[i] = ""
			if strings.HasPrefix(call, "m.") {
				lines[i] = call
			}
			break
		}
	}
	return strings.Join(lines, "")
}

func (g *goGen) packGrad(b *strings.Builder, each func(func(f, r, c string, scalar bool))) {
	var out strings.Builder
	each(func(f, r, c string, scalar bool) {
		if scalar {
			fmt.Fprintf(&out, "g[0] = grad.%s\ng = g[1:]\n", f)
			return
		}
		fmt.Fprintf(&out, "g = m.packMat(g, grad.%s.RawMatrix())\n", f)
	})
	b.WriteString(lastUse(out.String(), "g"))
}
