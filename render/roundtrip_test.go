package render

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/parser"
)

// The loop that these tests walk, in every style:
//
//	expr ──Expr──▶ text ──parser, infer──▶ expr' ──Expr──▶ text'
//	  └────eval────── value ≈ value' ──────┘   text = text'

// read reads a program; claims are allowed.
func read(src string) (*infer.Result, error) {
	tree, list := parser.Parse(src)
	if err := list.Err(); err != nil {
		return nil, err
	}
	res, list := infer.Infer(tree, infer.Options{Claims: true})
	if err := list.Err(); err != nil {
		return nil, err
	}
	return res, nil
}

// errLoose reports that the text changed when read and printed again, and then
// settled: the expression was not in normal form.
var errLoose = errors.New("settles later")

// roundTrip prints n, reads it back beside the declarations of vars, and
// demands the same text and value.
func roundTrip(vars []*expr.Var, n *expr.Node, style Style) error {
	var names []string
	var decls strings.Builder
	p := NewPrinter(ASCII)
	for _, v := range vars {
		names = append(names, v.Name)
		decls.WriteString(p.Declaration(v) + "\n")
	}
	text := NewPrinter(style, names...).Expr(n)
	texts := []string{text}
	var back *expr.Node
	for range 4 {
		res, err := read(decls.String() + "Result = " + texts[len(texts)-1] + "\n")
		if err != nil && style != ASCII && strings.Contains(err.Error(), "E230") {
			return nil // 𝟏 and I, alone, do not tell their sizes
		}
		if err != nil {
			return fmt.Errorf("%s does not read back: %v", texts[len(texts)-1], err)
		}
		x := res.Program.Objective.Node
		if back == nil {
			back = x
		}
		texts = append(texts, NewPrinter(style, names...).Expr(x))
		if k := len(texts); texts[k-1] == texts[k-2] {
			break
		}
	}
	if n.Shape == back.Shape || style == ASCII || !strings.ContainsAny(text, "𝟏I1") {
		// Otherwise 𝟏 and I, alone, do not tell their sizes.
		if err := sameValue(vars, n, back, text); err != nil {
			return err
		}
	}
	k := len(texts)
	switch {
	case texts[k-1] != texts[k-2]:
		return fmt.Errorf("no fixpoint: %q", texts)
	case k > 2:
		return fmt.Errorf("%w: %q", errLoose, texts[:k-1])
	}
	return nil
}

func sameValue(vars []*expr.Var, n, back *expr.Node, text string) error {
	if n.Shape != back.Shape {
		return fmt.Errorf("%s: shape %v, then %v", text, n.Shape, back.Shape)
	}
	env := sample(vars, n)
	x, err := eval.Eval(n, env)
	if err != nil {
		return nil // outside the domain: nothing to compare
	}
	y, err := eval.Eval(back, env)
	if err != nil && (strings.Contains(err.Error(), "has no value") || strings.Contains(err.Error(), "needs")) {
		return nil // ‖I‖ and sum(𝟏) do not tell their sizes; at the edge of a domain
	}
	if err != nil {
		return fmt.Errorf("%s: %v", text, err)
	}
	for i := range x.Data {
		if math.IsNaN(x.Data[i]) && math.IsNaN(y.Data[i]) || x.Data[i] == y.Data[i] {
			continue
		}
		if d := math.Abs(x.Data[i] - y.Data[i]); !(d <= 1e-9*(1+math.Abs(x.Data[i]))) {
			return fmt.Errorf("%s: value %v, then %v", text, x.Data[i], y.Data[i])
		}
	}
	return nil
}

// sample draws positive, well separated values; sizes are distinct primes.
func sample(vars []*expr.Var, n *expr.Node) eval.Env {
	env := eval.Env{Vars: map[string]*num.Mat{}, Sizes: map[string]int{}}
	primes := []int{3, 2, 5, 7, 11, 13, 17, 19}
	size := func(d expr.Dim) int {
		for _, s := range d.Symbols() {
			if _, ok := env.Sizes[s]; !ok {
				env.Sizes[s] = primes[len(env.Sizes)%len(primes)]
			}
		}
		k, _ := d.Eval(env.Sizes)
		return k
	}
	for _, m := range expr.Topo(n) {
		size(m.Shape.R)
		size(m.Shape.C)
		size(expr.One.Times(m.Dim))
	}
	x := 0.37
	for _, v := range vars {
		m := num.New(size(v.Shape.R), size(v.Shape.C))
		for i := range m.Data {
			x = math.Mod(x*1.618+0.213, 1)
			m.Data[i] = 0.1 + 0.8*x
		}
		env.Vars[v.Name] = m
	}
	return env
}

// TestTextbookRoundTrip walks the loop with every objective and every closed
// form of the textbook cases.
func TestTextbookRoundTrip(t *testing.T) {
	files, err := filepath.Glob("../testdata/textbook/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no textbook cases: %v", err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range strings.Split(string(data), "\ncase: ")[1:] {
			id, body, _ := strings.Cut(c, "\n")
			t.Run(strings.Fields(id)[0], func(t *testing.T) { textbookCase(t, body) })
		}
	}
}

func textbookCase(t *testing.T, body string) {
	var program, lets, claims strings.Builder
	pullback := false
	for _, line := range strings.Split(body, "\n") {
		switch {
		case strings.HasPrefix(line, "    "):
			program.WriteString(line[4:] + "\n")
		case strings.HasPrefix(line, "let ") && strings.Contains(line, "dQ/d"):
			t.Skip("a named part of a pullback is a claim, which defines no name")
		case strings.HasPrefix(line, "let "):
			lets.WriteString(line[4:] + "\n")
		case strings.HasPrefix(line, "gradient "):
			v, formula, _ := strings.Cut(line[len("gradient "):], ":")
			pullback = pullback || strings.Contains(formula, "dQ/d")
			claims.WriteString("dQ/d" + v + " = " + strings.TrimSpace(formula) + "\n")
		}
	}
	if pullback {
		pullbackCase(t, program.String()+lets.String(), claims.String())
		return
	}
	res, err := read(program.String())
	if err != nil {
		t.Fatal(err)
	}
	name := res.Program.Objective.Name
	if name == "" {
		name = "Q"
	}
	// The named parts stand before the objective, which is the last definition.
	src := program.String()
	lines := strings.Split(strings.TrimRight(src, "\n"), "\n")
	src = strings.Join(lines[:len(lines)-1], "\n") + "\n" + lets.String() + lines[len(lines)-1] + "\n"
	res, err = read(src + strings.ReplaceAll(claims.String(), "dQ/d", "d"+name+"/d"))
	if err != nil {
		t.Fatal(err)
	}
	nodes := []*expr.Node{res.Program.Objective.Node}
	for _, d := range res.Program.Defs {
		nodes = append(nodes, d.Node)
	}
	for _, c := range res.Claims {
		if len(c.Sides) > 0 {
			nodes = append(nodes, c.Sides[len(c.Sides)-1])
		}
	}
	for _, n := range nodes {
		for _, style := range []Style{Text, ASCII, LaTeX} {
			if err := roundTrip(res.Program.Vars, n, style); err != nil {
				t.Errorf("%v: %v", style, err)
			}
		}
	}
}

// pullbackCase walks the loop with claims that hold ∂Q/∂Z.
func pullbackCase(t *testing.T, program, claims string) {
	res, err := read(program + claims)
	if err != nil {
		t.Fatal(err)
	}
	for _, style := range []Style{Text, ASCII, LaTeX} {
		for _, c := range res.Claims {
			text := Expr(c.Sides[len(c.Sides)-1], style)
			again, err := read(program + "dQ/d" + c.ByNames[0] + " = " + text + "\n")
			if err != nil {
				t.Errorf("%v: %s does not read back: %v", style, text, err)
				continue
			}
			back := again.Claims[0].Sides[0]
			if s := Expr(back, style); s != text {
				t.Errorf("%v: not a fixpoint: %s, then %s", style, text, s)
			}
		}
	}
}
