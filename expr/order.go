package expr

import (
	"cmp"
	"strings"
)

// Compare orders nodes by structure alone, never by the order in which they
// were made: numbers, sizes, variables, transposed variables, calls, products,
// powers, sums, identities last. Products are compared before their factors'
// coefficients, so that like terms stand together.
func Compare(x, y *Node) int {
	if x == y {
		return 0
	}
	return compare(x, y, 64)
}

func rank(n *Node) int {
	switch n.Op {
	case OpNum:
		return 0
	case OpSize:
		return 1
	case OpOnes:
		return 2
	case OpVar:
		return 3
	case OpT:
		if n.Args[0].Op == OpVar {
			return 4
		}
		return 5
	case OpCall:
		return 6
	case OpPow:
		return 7
	case OpMul:
		return 8
	case OpHad:
		return 9
	case OpScale:
		return 10
	case OpAdd:
		return 11
	case OpZeros:
		return 12
	}
	return 13 // OpEye
}

func compare(x, y *Node, depth int) int {
	if x == y {
		return 0
	}
	if depth == 0 {
		return cmpInt(x.ID, y.ID)
	}
	if x.Op != y.Op || x.Op == OpT {
		if c := cmpInt(rank(x), rank(y)); c != 0 {
			return c
		}
	}
	switch x.Op {
	case OpNum:
		return x.Num.Cmp(y.Num)
	case OpSize:
		return strings.Compare(x.Dim.String(), y.Dim.String())
	case OpVar:
		if c := compareNames(x.Var.Name, y.Var.Name); c != 0 {
			return c
		}
		return cmpInt(int(x.Var.Kind), int(y.Var.Kind))
	case OpCall:
		if c := strings.Compare(x.Fn.FnName(), y.Fn.FnName()); c != 0 {
			return c
		}
	case OpScale: // by what is scaled first
		if c := compare(x.Args[1], y.Args[1], depth-1); c != 0 {
			return c
		}
		return compare(x.Args[0], y.Args[0], depth-1)
	}
	for i := 0; i < len(x.Args) && i < len(y.Args); i++ {
		if c := compare(x.Args[i], y.Args[i], depth-1); c != 0 {
			return c
		}
	}
	if c := cmpInt(len(x.Args), len(y.Args)); c != 0 {
		return c
	}
	return strings.Compare(x.Shape.String(), y.Shape.String())
}

func cmpInt(a, b int) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// compareNames orders names by their letters, and numbers in them by value: x_9
// before x_10.
func compareNames(x, y string) int {
	i := 0
	for i < len(x) && i < len(y) && x[i] == y[i] {
		i++
	}
	m, n := digits(x[i:]), digits(y[i:])
	if m != n && (m > 0 && n > 0 || i > 0 && digits(x[i-1:i]) > 0) {
		return cmp.Compare(m, n) // of two numbers the longer is larger
	}
	return strings.Compare(x[i:], y[i:])
}

// digits counts the digits at the start of s.
func digits(s string) int {
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}
