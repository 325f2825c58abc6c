package parser

import "strings"

// properties maps every spelling of a property to its name.
var properties = map[string]string{
	"symmetric": "symmetric", "sym": "symmetric", "spd": "spd", "SPD": "spd", "psd": "psd", "PSD": "psd",
	"diagonal": "diagonal", "orthogonal": "orthogonal", "positive": "positive", "nonnegative": "nonnegative", "non-negative": "nonnegative",
	"binary": "binary", "onehot": "onehot", "one-hot": "onehot", "simplex": "simplex", "stochastic": "stochastic",
	"const": "const", "constant": "const",
	"> 0": "positive", ">0": "positive", "≻ 0": "spd", "≻0": "spd", `\succ 0`: "spd",
	">= 0": "nonnegative", ">=0": "nonnegative", "≥ 0": "nonnegative", "≥0": "nonnegative", `\ge 0`: "nonnegative", `\geq 0`: "nonnegative",
	"⪰ 0": "psd", "⪰0": "psd", "≽ 0": "psd", "≽0": "psd", `\succeq 0`: "psd",
}

var propertyNames = []string{"symmetric", "spd", "psd", "diagonal", "orthogonal", "positive", "nonnegative", "binary", "onehot", "simplex", "stochastic", "const"}

func isProperty(word string) bool { return properties[word] != "" && isLetter(rune(word[0])) }

// nearest returns the property that a misspelt word most likely means.
func nearest(word string) string {
	best, least := "", 1+len(word)/3
	for _, p := range propertyNames {
		if d := distance(strings.ToLower(word), p); d < least || d == least && best == "" && d <= 2 {
			best, least = p, d
		}
	}
	return best
}

// distance is the number of single-letter edits from a to b.
func distance(a, b string) int {
	if len(a) > 40 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		prev := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := prev
			if a[i] != b[j] {
				cost++
			}
			prev = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
