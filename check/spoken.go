package check

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/matdiff/matdiff/internal/lazyregexp"
)

// A sentence may state a gradient without a sign of equality: "The gradient
// with respect to w is X'(Xw − y)." It is read as ∇_w = X'(Xw − y).

var (
	gradientWord = lazyregexp.New(`(?i)(?:^|[\s,(])(?:gradient|derivative|gradienten|ableitung|градиент|производная|gradiente|dérivée|derivada|derivata)(?:$|[\s,:])`)
	// statedAs is the verb before the formula, the last of the sentence.
	statedAs = lazyregexp.New(`(?i)(?:\s(?:is|equals|becomes|reads|be|ist|lautet|равен|равна|есть|est|vaut|es|è)(?:\s+(?:then|thus|now|just|simply|therefore|also|equal to|given by|dann|also|donc))?|:)\s+`)
	// spokenBy is what the sentence differentiates by.
	spokenBy = lazyregexp.New(`(?i:with respect to|w\.?\s?r\.?\s?t\.?|for|by|in|nach|по|par rapport à|respecto a|rispetto a)\s+(\pL[\pL\pN_]*)(?:$|[\s,:])`)
	// spokenOf is what it differentiates, a formula.
	spokenOf = lazyregexp.New(`\s(?:of|von|de|от|di)\s+`)
	// supposed marks sentences that state nothing: conditions, denials.
	supposed = lazyregexp.New(`(?i)(?:^|[\s,(])(?:if|when|unless|not|wrong|would|instead|falls|wenn|nicht|falsch|если|не|si|pas|no)\s`)
)

// wholeWords say that it is the objective; plainWords say nothing of what is
// differentiated.
var wholeWords, plainWords = wordSet("the this our objective function loss cost error energy likelihood log-likelihood criterion risk der des die funktion la le fonction функции función funzione"),
	wordSet("is equals becomes reads ist lautet est partial the a this its our so hence therefore thus then and we find get obtain that conclude see finally now have result resulting full which means implies giving so: " +
		"der die das dies also somit daher damit folglich und wir erhalten finden dass dann nun schließlich поэтому тогда значит отсюда и получаем что итак " +
		"le la les ce donc ainsi alors on et el por lo tanto luego entonces il quindi dunque")

func wordSet(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(s) {
		out[w] = true
	}
	return out
}

// hessianWord stands in sentences that name a Hessian.
var hessianWord = lazyregexp.New(`(?i)(?:^|[\s,(])(?:hessian(?: matrix)?|hesse-?matrix|гессиан|матрица гессе|hessienne|hessiana)(?:$|[\s,:])`)

// namedAs is a name that is said to equal something, at the end of a sentence.
var namedAs = lazyregexp.New(`(?:^|[\s,:(])(\pL[\pL\pN_]*)\s*=\s*([^=]+?)\s*[.;,]?\s*$`)

// spokenAs makes a claim of a sentence that gives a gradient or a Hessian a name,
// "The gradient is g = 2 A'r": g = ∇ = 2 A'r, since nothing would be claimed
// otherwise. It is "" where the name is known from the lines before.
func (v vocabulary) spokenAs(l string, before []string) string {
	text := strings.TrimRight(l, "\r\n")
	if strings.ContainsAny(text, "≈∈#%$\\∂∇") || supposed.MatchString(text) {
		return ""
	}
	m := namedAs.FindStringSubmatchIndex(text)
	if m == nil || strings.Count(text, "=") != 1 {
		return ""
	}
	name, formula := text[m[2]:m[3]], text[m[4]:m[5]]
	nabla, g := "∇", gradientWord.FindStringIndex(text[:m[2]])
	if g == nil {
		if nabla, g = "∇²", hessianWord.FindStringIndex(text[:m[2]]); g == nil {
			return ""
		}
	}
	said := regexp.MustCompile(`(?:^|[^\pL])` + regexp.QuoteMeta(name) + `\s*[=:∈,]`)
	for _, b := range before {
		if said.MatchString(b) {
			return ""
		}
	}
	about := text[g[1]-1 : m[2]]
	if at := statedAs.FindAllStringIndex(about, -1); at != nil && at[len(at)-1][1] == len(about) {
		about = about[:at[len(at)-1][0]]
	}
	by, of, ok := v.spokenAbout(text[:g[0]], about)
	if !ok || !strings.ContainsFunc(formula, letter) {
		return ""
	}
	claim := name + " = " + nabla + by + of + " = " + formula
	if len(claim) > len(text) || utf8.RuneCountInString(by) > 40 {
		return ""
	}
	return claim + strings.Repeat(" ", len(text)-len(claim)) + l[len(text):]
}

// spokenAbout reads what is differentiated, and by what, off the words about a
// gradient; ok is false if they say more than that.
func (v vocabulary) spokenAbout(head, about string) (by, of string, ok bool) {
	if m := spokenBy.FindStringSubmatchIndex(about + " "); m != nil && !v.word(about[m[2]:m[3]]) {
		by, about = "_"+about[m[2]:m[3]], about[:m[0]]+about[m[3]:]
	}
	if m := spokenOf.FindStringIndex(about); m != nil {
		var rest []string // what is no word of the whole
		for _, w := range strings.Fields(about[m[1]:]) {
			if !wholeWords[strings.ToLower(strings.Trim(w, ",:"))] {
				rest = append(rest, w)
			}
		}
		if len(rest) > 0 {
			of = strings.Join(rest, " ")
			for _, p := range v.parts(of) {
				if p.words && strings.TrimSpace(of[p.start:p.end]) != "" {
					return "", "", false // of the first term
				}
			}
			of = " (" + of + ")"
		}
		about = about[:m[0]]
	}
	for _, w := range strings.Fields(head + " " + about) {
		if !plainWords[strings.ToLower(strings.Trim(w, ",.:;"))] {
			return "", "", false
		}
	}
	return by, of, true
}

// spoken makes a claim of a sentence, "" if it states no gradient.
func (v vocabulary) spoken(l string) string {
	text := strings.TrimRight(l, "\r\n")
	if strings.ContainsAny(text, "=≈∈#%$\\") || supposed.MatchString(text) {
		return ""
	}
	g := gradientWord.FindStringIndex(text)
	if g == nil {
		return ""
	}
	at := statedAs.FindAllStringIndex(text[g[1]-1:], -1)
	if at == nil {
		return ""
	}
	from := g[1] - 1 + at[len(at)-1][1]
	formula := text[from:]
	if m := ending.FindStringIndex(formula); m != nil {
		formula = formula[:m[0]]
	}
	formula = strings.TrimSpace(formula)
	if !strings.ContainsFunc(formula, letter) || saysZero(" "+formula) {
		return ""
	}
	for _, p := range v.parts(formula) {
		if p.words && strings.TrimSpace(formula[p.start:p.end]) != "" {
			return ""
		}
	}
	stated := g[1] - 1 + at[len(at)-1][0]
	by, of, ok := v.spokenAbout(text[:g[0]], text[g[1]-1:stated])
	if !ok {
		return ""
	}
	claim := "∇" + by + of + " = " + formula
	if len(claim) > len(text) || utf8.RuneCountInString(by) > 40 {
		return ""
	}
	return claim + strings.Repeat(" ", len(text)-len(claim)) + l[len(text):]
}
