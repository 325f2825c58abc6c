// Package lazyregexp compiles regular expressions when they are first used: a
// command that reads one formula has no need of those that find formulas in a
// document, and to compile them all takes longer than many a derivation.
package lazyregexp

import (
	"regexp"
	"sync"
)

// Regexp is a regular expression that is compiled when it is first used. Its
// methods are those of regexp.Regexp.
type Regexp struct{ get func() *regexp.Regexp }

// New returns the regular expression of that source, which panics at its first
// use if the source is wrong; a test of its package calls it so that none is.
func New(source string) *Regexp {
	r := &Regexp{sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(source) })}
	all = append(all, r)
	return r
}

// all are those of the variables of packages, which are made before anything
// runs.
var all []*Regexp

// CompileAll compiles the regular expressions of all packages that are linked.
func CompileAll() {
	for _, r := range all {
		r.get()
	}
}

// MatchString is that of regexp.Regexp, as the methods below are.
func (r *Regexp) MatchString(s string) bool { return r.get().MatchString(s) }

func (r *Regexp) FindString(s string) string { return r.get().FindString(s) }

func (r *Regexp) FindStringIndex(s string) []int { return r.get().FindStringIndex(s) }

func (r *Regexp) FindStringSubmatch(s string) []string { return r.get().FindStringSubmatch(s) }

func (r *Regexp) FindStringSubmatchIndex(s string) []int { return r.get().FindStringSubmatchIndex(s) }

func (r *Regexp) FindAllString(s string, n int) []string { return r.get().FindAllString(s, n) }

func (r *Regexp) FindAllStringIndex(s string, n int) [][]int { return r.get().FindAllStringIndex(s, n) }

func (r *Regexp) FindAllStringSubmatch(s string, n int) [][]string {
	return r.get().FindAllStringSubmatch(s, n)
}

func (r *Regexp) FindAllStringSubmatchIndex(s string, n int) [][]int {
	return r.get().FindAllStringSubmatchIndex(s, n)
}

func (r *Regexp) ReplaceAllString(s, with string) string { return r.get().ReplaceAllString(s, with) }

func (r *Regexp) ReplaceAllStringFunc(s string, with func(string) string) string {
	return r.get().ReplaceAllStringFunc(s, with)
}

func (r *Regexp) Split(s string, n int) []string { return r.get().Split(s, n) }
