package infer

import (
	"slices"
	"strings"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
)

// Beside returns the errors of the statements of a program that has syntax
// errors in others, as far as they do not depend on those: what a broken
// statement would have declared or defined fits anywhere, and what the rest of
// the program would have settled is not missed.
func Beside(tree *ast.Program) []*diag.Diagnostic {
	if len(tree.Stmts) == 0 || len(tree.Source) > longBroken {
		return nil
	}
	// A claim is an error of another command, so that claims are allowed here.
	in := newInferrer(tree.Source, Options{Claims: true})
	in.plain = true
	for _, s := range tree.Broken {
		for _, name := range headOf(in.src[max(s.Start, 0):min(max(s.End, s.Start), len(in.src))]) {
			if in.env.lookup(name) == nil {
				in.env.put(&symbol{kind: symLost, name: name, span: s})
			}
		}
	}
	_, list := in.guarded(tree)
	if list.Err() == nil {
		return nil
	}
	return slices.DeleteFunc(list.Items, func(d *diag.Diagnostic) bool { return slices.Contains(unsure, d.Code) })
}

// longBroken is the longest program that is read beside its syntax errors.
const longBroken = 100_000

// unsure are the errors that the broken statements could be the cause of.
var unsure = []string{"E201", "E217", "E218", "E222", "E223", "E224", "E227", "E229", "E230", "E901"}

// headOf lists the names that a statement would declare or define.
func headOf(text string) []string {
	end := strings.IndexAny(text, "=:∈(")
	if end < 0 {
		return nil
	}
	return strings.FieldsFunc(text[:end], func(r rune) bool { return !isLetter(r) && !isDigit(r) && !isMark(r) && r != '_' })
}
