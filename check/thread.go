package check

import "github.com/matdiff/matdiff/infer"

// A thread is what a derivation says, line after line, of one thing: of dQ, of
// ∂Q/∂W, and of what is read off from it. Two gradients of one objective by
// variables that do not meet are two threads.

// falseBefore returns the last false claim in the thread of cl, nil if there
// is none.
func (c *checker) falseBefore(cl *infer.Claim) *infer.Claim {
	for k := len(c.falses) - 1; k >= 0; k-- {
		if f := &c.res.Claims[c.falses[k]]; c.sameThread(f, cl) {
			return f
		}
	}
	return nil
}

func ofSecondOrder(cl *infer.Claim) bool {
	return cl.Kind == infer.ClaimHessian || cl.Kind == infer.ClaimSecond
}

// sameThread tells whether the claim cl could have been derived from the
// claim f before it.
func (c *checker) sameThread(f, cl *infer.Claim) bool {
	if ofSecondOrder(f) && !ofSecondOrder(cl) {
		return false
	}
	if len(f.By) > 0 && len(cl.By) > 0 { // ∂Q/∂Z and, of Z = XW, ∂Q/∂W
		return f.Of == cl.Of && dependsOn(f.By[0], cl.By[0])
	}
	switch {
	case f.Kind == infer.ClaimAssume || cl.Kind == infer.ClaimAssume:
		return false
	case f.Kind == infer.ClaimDifferential && len(cl.By) > 0:
		// dQ, or dZ of a part of Q through which the variable acts.
		return dependsOn(cl.Of, f.Of) && dependsOn(f.Of, cl.By[0])
	case f.Kind == infer.ClaimDifferential && cl.Kind == infer.ClaimDifferential,
		f.Kind == infer.ClaimValue:
		return dependsOn(cl.Of, f.Of)
	case cl.Kind == infer.ClaimDifferential && len(f.By) > 0: // dQ by the gradient
		return f.Of == cl.Of
	}
	return f.Of == cl.Of
}

// dependsOn tells whether y is n or a part of it. Of what the text does not
// define, nil, nothing is known.
func dependsOn(n, y *Node) bool {
	if n == nil || y == nil {
		return n == y
	}
	return holds(valueOf(n), valueOf(y))
}
