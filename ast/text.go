package ast

import (
	"fmt"
	"strings"
)

// textOps are the operators as Text writes them.
var textOps = map[Op]string{
	Transpose: "'", Inverse: "^-1", InvTranspose: "^-T", Mul: " * ", ElemMul: " .* ", Div: "/", ElemDiv: " ./ ", Solve: ` \ `,
	Kron: " ⊗ ", Add: " + ", Sub: " - ", Ge: ">=", Gt: ">", Le: "<=", Lt: "<", Eq: "==", Ne: "!=", Sum: "Σ", Prod: "Π",
}

// Text writes an expression as program text, whatever it was typed in; it
// reads back as the same tree, but for brackets.
//
//	\frac{\partial Q}{\partial Z}^T dZ   (∂Q/∂Z)' dZ
func Text(x Expr) string { return text(x, 0) }

// text brackets x where it stands looser than level.
func text(x Expr, level int) string {
	own := LevelAtom
	var s string
	switch x := x.(type) {
	case *Name:
		s = nameText(x)
	case *Number:
		if s = x.Val; strings.Contains(s, "/") {
			s = x.Text // ½
		}
	case *Unary:
		own = LevelUnary
		s = map[Op]string{Neg: "-", Pos: "+"}[x.Op] + text(x.X, LevelUnary)
	case *Binary:
		own, s = x.Op.Level(), binaryText(x)
	case *Postfix:
		own = LevelPostfix
		s = text(x.X, LevelPostfix) + textOps[x.Op]
	case *Power:
		own = LevelPostfix
		op := "^"
		if x.Op == ElemPow {
			op = ".^"
		}
		exp := text(x.Exp, 0)
		if n, ok := x.Exp.(*Number); !ok || strings.Contains(n.Val, "/") {
			if _, ok := x.Exp.(*Paren); !ok {
				exp = "(" + exp + ")"
			}
		}
		s = text(x.X, LevelPostfix) + op + exp
	case *Paren:
		s = "(" + text(x.X, 0) + ")"
	case *Call:
		s = nameText(x.Fun)
		if x.Space {
			s += " "
		}
		s += "(" + texts(x.Args) + ")"
	case *Norm:
		s = "‖" + text(x.X, 0) + "‖"
		if x.Kind != "" {
			s += "_" + x.Kind
		}
	case *Abs:
		s = "|" + text(x.X, 0) + "|"
	case *Inner:
		s = "⟨" + text(x.X, 0) + ", " + text(x.Y, 0) + "⟩"
	case *Iverson:
		s = "["
		for i, y := range x.Xs {
			if i > 0 {
				s += " " + textOps[x.Ops[i-1]] + " "
			}
			s += text(y, LevelSum)
		}
		s += "]"
	case *Index:
		s = text(x.X, LevelPostfix) + "[" + texts(x.Args) + "]"
	case *Entry:
		s = text(x.X, LevelPostfix) + "_{" + x.Sub + "}"
	case *BigOp:
		own, s = LevelUnary, bigText(x)
	case *Deriv:
		own, s = LevelProduct, derivText(x)
	default:
		s = fmt.Sprintf("(unknown %T)", x)
	}
	if own < level {
		return "(" + s + ")"
	}
	return s
}

func texts(xs []Expr) string {
	var parts []string
	for _, x := range xs {
		parts = append(parts, text(x, 0))
	}
	return strings.Join(parts, ", ")
}

func nameText(n *Name) string {
	base, sub, ok := strings.Cut(n.Text, "_")
	if sub = strings.Trim(sub, "{}"); !ok || sub == "" {
		return n.Text
	}
	if strings.Trim(sub, "0123456789") == "" {
		return base + "_" + sub
	}
	return base + "_{" + sub + "}"
}

func binaryText(b *Binary) string {
	left, right := b.Op.Level(), b.Op.Level()+1
	if goesOn(b.X) {
		left = LevelAtom
		if b.Op.Level() == LevelSum {
			left = 0
		}
	}
	switch b.Op {
	case Juxt:
		x, y := text(b.X, left), text(b.Y, LevelPostfix)
		if u, ok := b.Y.(*BigOp); ok {
			y = bigText(u)
		}
		if n, ok := b.X.(*Number); ok && n.Touches {
			return x + y
		}
		return x + " " + y
	case Div:
		return text(b.X, left) + "/" + text(b.Y, LevelPostfix)
	case Add, Sub:
		right = LevelUnary
		if _, ok := b.Y.(*Unary); ok {
			right = LevelProduct
		}
	}
	if u, ok := b.Y.(*BigOp); ok && b.Op.Level() == LevelProduct {
		return text(b.X, left) + textOps[b.Op] + bigText(u)
	}
	return text(b.X, left) + textOps[b.Op] + text(b.Y, right)
}

// goesOn tells whether an expression ends in the body of a sum, which would
// take in what is written behind it.
func goesOn(x Expr) bool {
	switch x := x.(type) {
	case *BigOp:
		return true
	case *Unary:
		return goesOn(x.X)
	case *Binary:
		return goesOn(x.Y)
	}
	return false
}

func bigText(x *BigOp) string {
	s := textOps[x.Op]
	if len(x.Index) > 0 {
		var names []string
		for _, i := range x.Index {
			names = append(names, i.Name)
		}
		s += "_{" + strings.Join(names, ",")
		if x.Lo != nil {
			s += "=" + text(x.Lo, 0)
		}
		s += "}"
	}
	if x.Hi != nil {
		s += "^{" + text(x.Hi, 0) + "}"
	}
	return s + " " + text(x.Body, LevelUnary)
}

func derivText(d *Deriv) string {
	of := ""
	if d.Of != nil {
		of = text(d.Of, LevelAtom)
	}
	if d.Nabla {
		s := "∇"
		if d.Order == 2 {
			s += "²"
		}
		if len(d.By) > 0 {
			s += "_{" + strings.Trim(nameTextOf(d.By[0]), "{}") + "}"
		}
		return strings.TrimSpace(s + " " + of)
	}
	sign := "∂"
	if d.Alt != nil {
		sign = "d"
	}
	s := sign
	if d.Order == 2 {
		s += "²"
	}
	if len(d.By) == 0 {
		return s + " " + of
	}
	s += of + "/"
	if d.Order == 2 && len(d.By) == 2 && nameTextOf(d.By[0]) == nameTextOf(d.By[1]) {
		return s + sign + nameTextOf(d.By[0]) + "²"
	}
	for _, b := range d.By {
		s += sign + nameTextOf(b)
	}
	return s
}

func nameTextOf(x Expr) string {
	if n, ok := x.(*Name); ok {
		return nameText(n)
	}
	return text(x, LevelAtom)
}
