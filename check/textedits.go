package check

import "strings"

// textEdit is a right side with one slip mended.
type textEdit struct{ text, id, message string }

// edits lists what a right side whose shapes do not fit could have been.
func edits(rhs string) []textEdit {
	var out []textEdit
	for _, k := range operandEnds(rhs) {
		out = append(out, textEdit{rhs[:k] + "'" + rhs[k:], "missing-transpose", "a transpose is missing"})
	}
	for k := 0; k < len(rhs); k++ {
		if rhs[k] == '\'' {
			out = append(out, textEdit{rhs[:k] + rhs[k+1:], "missing-transpose", "a transpose does not belong here"})
		}
	}
	for k := 0; k < len(rhs); k++ {
		switch {
		case strings.HasPrefix(rhs[k:], ".*"):
			out = append(out, textEdit{rhs[:k] + "*" + rhs[k+2:], "hadamard", "an elementwise product stands where the matrix product belongs"})
		case rhs[k] == '*' && (k == 0 || rhs[k-1] != '.'):
			out = append(out, textEdit{rhs[:k] + ".*" + rhs[k+1:], "hadamard", "a matrix product stands where the elementwise product belongs"})
		}
	}
	for _, t := range swaps(rhs) {
		out = append(out, textEdit{t, "order-of-factors", "the factors are out of order"})
	}
	return out
}
