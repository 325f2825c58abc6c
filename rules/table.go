package rules

import "sync"

// families lists the entries, a file per family.
var families = [][]*Func{elementwise, comparison, matrix, reductions, rowwise, losses}

var (
	once    sync.Once
	byName  map[string][]*Func
	ordered []*Func
)

func index() {
	once.Do(func() {
		byName = make(map[string][]*Func)
		for _, fam := range families {
			for _, f := range fam {
				ordered = append(ordered, f)
				byName[f.Name] = append(byName[f.Name], f)
				for _, s := range f.Spellings {
					byName[s] = append(byName[s], f)
				}
			}
		}
	})
}

// Lookup returns the function of that name or spelling, nil if there is none.
// Where several share the name it is the first in table order; use Resolve
// once the number of operands is known.
func Lookup(name string) *Func {
	index()
	if fs := byName[name]; len(fs) > 0 {
		return fs[0]
	}
	return nil
}

// Overloads returns every function of that name or spelling.
func Overloads(name string) []*Func {
	index()
	return byName[name]
}

// Resolve returns the function of that name or spelling that takes n operands,
// nil if there is none.
func Resolve(name string, n int) *Func {
	index()
	for _, f := range byName[name] {
		if least, most := f.Arity(); least <= n && n <= most {
			return f
		}
	}
	return nil
}

// All returns every function in table order.
func All() []*Func {
	index()
	return ordered
}

// Must returns the function of that name; it panics if the table has none,
// which a test excludes.
func Must(name string) *Func {
	f := Lookup(name)
	if f == nil {
		panic("rules: no function " + name)
	}
	return f
}
