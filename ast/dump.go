package ast

import (
	"fmt"
	"strings"
)

// dumpNames are the operators as Dump writes them.
var dumpNames = map[Op]string{
	Transpose: "'", Inverse: "inv", InvTranspose: "inv'", Pow: "^", ElemPow: ".^", Juxt: "juxt", Mul: "*", ElemMul: ".*",
	Div: "/", ElemDiv: "./", Solve: `\`, Kron: "kron", Neg: "neg", Pos: "pos", Add: "+", Sub: "-",
	Ge: ">=", Gt: ">", Le: "<=", Lt: "<", Eq: "==", Ne: "!=", Sum: "sum", Prod: "prod",
}

// String names the operator as Dump does.
func (o Op) String() string {
	if s := dumpNames[o]; s != "" {
		return s
	}
	return fmt.Sprintf("Op(%d)", uint8(o))
}

// Dump writes a tree as an S-expression, for tests and for looking at it:
// *Program, Stmt or Expr.
//
//	x'Ax + 1   (+ (juxt (juxt (' x) A) x) 1)
func Dump(x any) string {
	var b strings.Builder
	dump(&b, x)
	return b.String()
}

func list(b *strings.Builder, head string, xs ...any) {
	b.WriteString("(" + head)
	for _, x := range xs {
		b.WriteByte(' ')
		dump(b, x)
	}
	b.WriteByte(')')
}

func anys[T any](xs []T) []any {
	out := make([]any, len(xs))
	for i, x := range xs {
		out[i] = x
	}
	return out
}

func dump(b *strings.Builder, x any) {
	switch x := x.(type) {
	case nil:
		b.WriteByte('_')
	case *Program:
		for i, s := range x.Stmts {
			if i > 0 {
				b.WriteByte('\n')
			}
			dump(b, s)
		}
	case *Decl:
		dumpDecl(b, x)
	case *Equation:
		list(b, "=", anys(x.Sides)...)
		if x.Then != nil {
			b.WriteString(" => ")
			dump(b, x.Then)
		}
	case *ExprStmt:
		dump(b, x.X)
	case *Prose:
		fmt.Fprintf(b, "(prose %q)", x.Text)
	case Ident:
		b.WriteString(x.Name)
	case *Name:
		b.WriteString(x.Text)
	case *Number:
		b.WriteString(x.Val)
	case *Unary:
		list(b, x.Op.String(), x.X)
	case *Binary:
		list(b, x.Op.String(), x.X, x.Y)
	case *Postfix:
		list(b, x.Op.String(), x.X)
	case *Power:
		list(b, x.Op.String(), x.X, x.Exp)
	case *Paren:
		list(b, "paren", x.X)
	case *Call:
		head := "call"
		if x.Space {
			head = "call-space"
		}
		list(b, head, append([]any{x.Fun}, anys(x.Args)...)...)
	case *Norm:
		list(b, strings.TrimSuffix("norm_"+x.Kind, "_"), x.X)
	case *Abs:
		list(b, "abs", x.X)
	case *Inner:
		list(b, "inner", x.X, x.Y)
	case *Iverson:
		b.WriteByte('[')
		for i, e := range x.Xs {
			if i > 0 {
				b.WriteString(" " + x.Ops[i-1].String() + " ")
			}
			dump(b, e)
		}
		b.WriteByte(']')
	case *Index:
		list(b, "index", append([]any{x.X}, anys(x.Args)...)...)
	case *Entry:
		list(b, "entry", expr(x.X), Ident{Name: x.Sub})
	case *BigOp:
		list(b, x.Op.String(), append(anys(x.Index), expr(x.Lo), expr(x.Hi), x.Body)...)
	case *Deriv:
		head := "d"
		if x.Nabla {
			head = "nabla"
		}
		if x.Order > 1 {
			head += fmt.Sprint(x.Order)
		}
		list(b, head, append([]any{expr(x.Of)}, anys(x.By)...)...)
	default:
		fmt.Fprintf(b, "(unknown %T)", x)
	}
}

// expr makes a nil Expr a nil any.
func expr(x Expr) any {
	if x == nil {
		return nil
	}
	return x
}

func dumpDecl(b *strings.Builder, d *Decl) {
	b.WriteString("(decl")
	for _, n := range d.Names {
		b.WriteString(" " + n.Name)
	}
	switch {
	case d.Assume:
		b.WriteString(" assume")
	case d.Scalar:
		b.WriteString(" scalar")
	case d.Kind != "":
		b.WriteString(" " + d.Kind)
	default:
		b.WriteString(" : ")
		dump(b, expr(d.Rows))
		if d.Cols != nil {
			b.WriteString(" × ")
			dump(b, d.Cols)
		}
	}
	for _, p := range d.Props {
		b.WriteString(" " + p.Name)
	}
	b.WriteByte(')')
}
