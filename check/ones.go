package check

import (
	"strings"

	"github.com/matdiff/matdiff/internal/lazyregexp"
)

// factorOne is a 1 that is a factor: R' 1, 1 dμ', X'*1.
var factorOne = lazyregexp.New(`(^|[\s(+\-−*·])1(\s*[*·]\s*|\s+)[\pL(∂𝟏]|[\pL)'’ᵀ](\s*[*·]\s*|\s+)1($|[\s)+\-−*·])`)

// onesMeant explains a line whose right side has the wrong shape and is right
// with the vector of ones for a 1 that is the number where it stands; nil if it
// does not.
func (c *checker) onesMeant(i int) *Mistake {
	if c.plain {
		return nil
	}
	start, end := c.rightSide(i)
	rhs := strings.TrimSpace(c.src[start:end])
	text := rhs
	for at := 0; at < len(text); {
		m := factorOne.FindStringIndex(text[at:])
		if m == nil {
			break
		}
		k := at + m[0] + strings.IndexByte(text[at+m[0]:at+m[1]], '1')
		text = text[:k] + "𝟏" + text[k+1:]
		at = k
	}
	if text == rhs {
		return nil
	}
	ok, n := c.reads(i, text)
	if !ok {
		return nil
	}
	return &Mistake{ID: "ones", Message: "1 is the number where it stands; the vector of ones is 𝟏 or ones(…)", Fix: c.tidy(i, text, n)}
}
