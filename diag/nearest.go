package diag

import "strings"

// Nearest returns the name that differs from word in the fewest letters, at
// most two and fewer than half of them; "" if there is none.
func Nearest(word string, names []string) string {
	word = strings.ToLower(word)
	best, at := "", 3
	for _, n := range names {
		if d := distance([]rune(word), []rune(strings.ToLower(n))); d < at && 2*d < max(len(word), 2) {
			best, at = n, d
		}
	}
	return best
}

// distance is the number of letters to insert, drop or change, or of
// neighbours to exchange.
func distance(a, b []rune) int {
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := range a {
		last, row := rows[1], rows[2]
		row[0] = i + 1
		for j := range b {
			d := last[j]
			if a[i] != b[j] {
				d++
			}
			d = min(d, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, rows[0][j-1]+1)
			}
			row[j+1] = d
		}
		rows[0], rows[1], rows[2] = last, row, rows[0]
	}
	return rows[1][len(b)]
}
