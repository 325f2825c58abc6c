package check

import (
	"strings"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/internal/lazyregexp"
)

// zeroWords are the words by which a line says that a gradient is zero.
var zeroWords = lazyregexp.New(`(?i)(?:^|[\s,('’])(?:zero|null\b|nullsetz|verschwind|vanish|stationary|normal equation|optim|extrem|at (?:a|the) (?:max|min)|im (?:max|min)|first[- ]order condition|foc\b|нул[юьея]|нол[юьея]|cero|zéro|annul)`)

// saysZero tells whether the words of a line say so.
func saysZero(l string) bool { return zeroWords.MatchString(l) }

// arrange makes of the statements of a derivation what they are read as; zero
// tells the lines that say that a gradient is zero.
func arrange(tree *ast.Program, zero map[int]bool) {
	unchained(tree)
	respelled(tree)
	if adjointNames(tree) {
		tree.Notes = append(tree.Notes, ast.Note{Text: "read dX as ∂Q/∂X, the gradient: the text says what the d of variables is"})
	}
	line := func(at int) int { return 1 + strings.Count(tree.Source[:min(max(at, 0), len(tree.Source))], "\n") }
	solutions(tree, func(at int) bool { return zero[line(at)] })
	inOrder(tree)
}

// inOrder puts the definitions of a derivation before those that use them: "Q =
// r'r, where r = A x − b". A definition in terms of a later one that uses it
// stays where it is.
func inOrder(tree *ast.Program) {
	defs := map[string]int{} // the first equation with the name on its left
	for i, s := range tree.Stmts {
		switch s := s.(type) {
		case *ast.Decl:
			for _, id := range s.Names {
				if _, ok := defs[id.Name]; !ok {
					defs[id.Name] = -1
				}
			}
		case *ast.Equation:
			if n := definedBy(s); n != "" {
				if _, ok := defs[n]; !ok {
					defs[n] = i
				}
			}
		}
	}
	var out []ast.Stmt
	done := make([]bool, len(tree.Stmts))
	busy := make([]bool, len(tree.Stmts))
	var put func(i int)
	put = func(i int) {
		if done[i] || busy[i] {
			return
		}
		busy[i] = true
		if e, ok := tree.Stmts[i].(*ast.Equation); ok {
			if n := definedBy(e); n != "" && defs[n] == i {
				infer.Walk(e.Sides[1], func(x ast.Expr) {
					if n, ok := x.(*ast.Name); ok {
						for _, w := range append(lettersOf(n), n.Text) {
							if k, ok := defs[w]; ok && k > i {
								put(k)
							}
						}
					}
				})
			}
		}
		done[i] = true
		out = append(out, tree.Stmts[i])
	}
	for i := range tree.Stmts {
		put(i)
	}
	tree.Stmts = out
}

// lettersOf are the one-letter names in a word that may be a product.
func lettersOf(n *ast.Name) []string {
	if n.Sub != "" {
		return nil
	}
	var out []string
	for _, r := range n.Base {
		out = append(out, string(r))
	}
	return out
}

// definedBy is the name that an equation defines if nothing before it does.
func definedBy(e *ast.Equation) string {
	if len(e.Sides) < 2 || e.Then != nil {
		return ""
	}
	switch x := e.Sides[0].(type) {
	case *ast.Name:
		if len(x.Text) > 1 && x.Text[0] == 'd' { // a differential
			return ""
		}
		return x.Text
	case *ast.Call:
		return x.Fun.Text
	}
	return ""
}
