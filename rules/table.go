package rules

import "sync"

// families lists the entries, a file per family.
var families = [][]*Func{}

var (
	once    sync.Once
	byName  map[string]*Func
	ordered []*Func
)

func index() {
	once.Do(func() {
		byName = make(map[string]*Func)
		for _, fam := range families {
			for _, f := range fam {
				ordered = append(ordered, f)
				byName[f.Name] = f
				for _, s := range f.Spellings {
					byName[s] = f
				}
			}
		}
	})
}

// Lookup returns the function of that name or spelling, nil if there is none.
func Lookup(name string) *Func {
	index()
	return byName[name]
}

// All returns every function in table order.
func All() []*Func {
	index()
	return ordered
}

// Must returns the function of that canonical name; it panics if the table
// has none, which a test excludes.
func Must(name string) *Func {
	f := Lookup(name)
	if f == nil {
		panic("rules: no function " + name)
	}
	return f
}
