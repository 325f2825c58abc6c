package simplify

import "sort"

// Rewrite is an identity by which simplification writes Left as Right. The
// engine reaches those with a function by walking their list; the others stand
// where a canonical form is built, and are named there by firing them. Nothing
// fires that is no entry, since fire takes one.
type Rewrite struct {
	Name  string // the field's term
	Group string // the heading it stands under in docs/rewrites.md
	Given string // declarations under which Left and Right are read
	Left  string // both sides, in matdiff's own notation
	Right string
	If    string // side condition with its reason
	Stays string // a program in which the side condition fails

	// How the engine applies it; nil where it is part of a canonical form.
	of    []string // the functions whose calls it rewrites
	call  func(s *S, n *Node, a []*Node) *Node
	pair  func(s *S, a, b *Node) *Node   // two neighbours in a product
	power func(s *S, x, e *Node) *Node   // x to the power e, entry by entry
	inner func(s *S, a, b *Node) *Node   // aᵀb of two columns
	trace func(s *S, n *Node) *Node      // tr(n)
	two   func(s *S, p, q power) []power // factors of an elementwise product; nil: does not apply
	whole func(s *S, n *Node) *Node      // a sum as a whole, if that is shorter

	id int
}

// Program returns a program in which r fires: its left side.
func (r *Rewrite) Program() string {
	if r.Given == "" {
		return r.Left
	}
	return r.Given + "; " + r.Left
}

// The entries, and the lists by which the engine reaches them.
var (
	table     []*Rewrite
	calls     = make(map[string][]*Rewrite) // by function
	everyCall []*Rewrite
	pairs     []*Rewrite
	powers    []*Rewrite
	inners    []*Rewrite
	traces    []*Rewrite
	twos      = make(map[string][]*Rewrite)
	wholes    []*Rewrite
)

// inline makes an entry of a rewrite that is part of building a canonical form.
func inline(group string, r Rewrite) *Rewrite {
	r.Group = group
	return enter(&r)
}

func enter(r *Rewrite) *Rewrite {
	r.id = len(table)
	table = append(table, r)
	return r
}

// The lists refer to functions that refer to the lists.
func init() {
	for _, g := range []struct {
		name string
		list []Rewrite
	}{
		{groupProducts, neighbours()}, {groupElementwise, factorRewrites()}, {groupPowers, powerRewrites()},
		{groupTraces, innerRewrites()}, {groupTraces, traceRewrites()},
		{groupFunctions, functionRewrites()}, {groupMatrix, matrixRewrites()}, {groupShortest, wholeRewrites()},
	} {
		for i := range g.list {
			r := &g.list[i]
			r.Group = g.name
			enter(r)
			switch {
			case r.call != nil:
				if len(r.of) == 0 {
					everyCall = append(everyCall, r)
				}
				for _, f := range r.of {
					calls[f] = append(calls[f], r)
				}
			case r.pair != nil:
				pairs = append(pairs, r)
			case r.power != nil:
				powers = append(powers, r)
			case r.inner != nil:
				inners = append(inners, r)
			case r.trace != nil:
				traces = append(traces, r)
			case r.two != nil:
				for _, f := range r.of {
					twos[f] = append(twos[f], r)
				}
			case r.whole != nil:
				wholes = append(wholes, r)
			}
		}
	}
}

// The headings of the table, in the order of docs/rewrites.md.
const (
	groupSums        = "Sums and transposes"
	groupProducts    = "Matrix products"
	groupElementwise = "Elementwise products"
	groupPowers      = "Powers"
	groupTraces      = "Inner products and traces"
	groupFunctions   = "Functions of entries"
	groupMatrix      = "Functions of matrices"
	groupShortest    = "The shortest form"
	groupNames       = "Names"
	groupPrint       = "The printed form"
)

// Groups lists the headings in order.
var groups = []string{groupSums, groupProducts, groupElementwise, groupPowers, groupTraces, groupFunctions, groupMatrix, groupShortest, groupNames, groupPrint}

// Rewrites lists the entries in order of their headings.
func Rewrites() []*Rewrite {
	at := make(map[string]int, len(groups))
	for i, g := range groups {
		at[g] = i
	}
	out := append([]*Rewrite(nil), table...)
	sort.SliceStable(out, func(i, j int) bool { return at[out[i].Group] < at[out[j].Group] })
	return out
}

// Fired tells how often each rewrite was applied, by name.
func (s *S) Fired() map[string]int {
	out := make(map[string]int)
	for i, k := range s.fired {
		if k > 0 {
			out[table[i].Name] = k
		}
	}
	return out
}

func (s *S) fire(r *Rewrite) { s.fired[r.id]++ }
