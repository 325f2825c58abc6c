package codegen

import (
	"fmt"
	"math/big"
	"sort"
	"strings"

	"github.com/matdiff/matdiff/expr"
)

// canon gives sums and products that differ in the order of their operands or
// in sign one node, the one met first, so that common parts are computed once:
// R − AB in an objective serves the AB − R of its gradient.
type canon struct {
	b    *expr.Builder
	seen map[string]signed
}

// signed is a node and whether the node met first is its negative.
type signed struct {
	n   *expr.Node
	neg bool
}

func newCanon(b *expr.Builder) *canon { return &canon{b: b, seen: make(map[string]signed)} }

// one returns the node that stands for n, or its negative.
func (c *canon) one(n *expr.Node) *expr.Node {
	key, neg := c.key(n)
	if key == "" {
		return n
	}
	first, ok := c.seen[key]
	switch {
	case !ok:
		c.seen[key] = signed{n, neg}
		return n
	case first.neg != neg:
		return c.b.Neg(first.n)
	}
	return first.n
}

// key describes a sum or a product up to order and sign; empty for all else.
func (c *canon) key(n *expr.Node) (key string, neg bool) {
	switch n.Op {
	case expr.OpAdd:
		type term struct {
			id   int
			coef *big.Rat
		}
		terms := make([]term, len(n.Args))
		for i, a := range n.Args {
			id, coef := c.core(a)
			terms[i] = term{id, coef}
		}
		sort.Slice(terms, func(i, j int) bool { return terms[i].id < terms[j].id })
		neg = terms[0].coef.Sign() < 0
		var k strings.Builder
		fmt.Fprintf(&k, "+%v", n.Shape)
		for _, t := range terms {
			if neg {
				t.coef = new(big.Rat).Neg(t.coef)
			}
			fmt.Fprintf(&k, "|%s·%d", t.coef.RatString(), t.id)
		}
		return k.String(), neg
	case expr.OpHad, expr.OpScale:
		fs, coef := factors(n, nil, big.NewRat(1, 1))
		if neg = coef.Sign() < 0; neg {
			coef = new(big.Rat).Neg(coef)
		}
		if len(fs) == 1 && coef.Cmp(oneRat) == 0 {
			return "", false // x or −x itself
		}
		return fmt.Sprintf("*%v|%s|%v", n.Shape, coef.RatString(), fs), neg
	}
	return "", false
}

var oneRat = big.NewRat(1, 1)

// core is a term without its number, and the number.
func (c *canon) core(n *expr.Node) (int, *big.Rat) {
	if n.Op == expr.OpNum {
		return -1, n.Num
	}
	coef := oneRat
	if (n.Op == expr.OpScale || n.Op == expr.OpHad) && n.Args[0].Op == expr.OpNum {
		coef = n.Args[0].Num
		n = c.one(c.b.Had(append([]*expr.Node{c.b.Rat(1, 1)}, n.Args[1:]...)...))
	} else if n.Op == expr.OpScale && n.Args[0].Op == expr.OpHad && n.Args[0].Args[0].Op == expr.OpNum {
		coef = n.Args[0].Args[0].Num
		n = c.one(c.b.Scale(c.b.Had(n.Args[0].Args[1:]...), n.Args[1]))
	}
	if n.Op == expr.OpScale && n.Args[0].IsNum(-1, 1) { // one gave a negative
		return see(n.Args[1]).ID, new(big.Rat).Neg(coef)
	}
	return see(n).ID, coef
}

// factors lists the factors of a product, scalars and matrices, sorted, and
// multiplies its numbers.
func factors(n *expr.Node, fs []int, coef *big.Rat) ([]int, *big.Rat) {
	for _, a := range n.Args {
		switch {
		case a.Op == expr.OpNum:
			coef = new(big.Rat).Mul(coef, a.Num)
		case a.Op == expr.OpHad || a.Op == expr.OpScale:
			fs, coef = factors(a, fs, coef)
		default:
			fs = append(fs, see(a).ID)
		}
	}
	sort.Ints(fs)
	return fs, coef
}
