package main

import (
	"context"

	"github.com/matdiff/matdiff/render"
)

// engine is what the commands ask of the library.
type engine struct {
	derive    func(ctx context.Context, src source, opt deriveOptions) (*derived, error)
	trace     func(ctx context.Context, src source, opt deriveOptions, t traceFlags) (*traced, error)
	verify    func(ctx context.Context, src source, opt verifyOptions) (*verified, error)
	direction func(ctx context.Context, src source, opt verifyOptions, at string) (*tabled, error)
	approach  func(ctx context.Context, src source, opt verifyOptions) (*tabled, error)
	check     func(ctx context.Context, src source, opt checkOptions) (*checked, error)
	generate  func(ctx context.Context, src source, opt genOptions) (*generated, error)
}

type deriveOptions struct {
	conventions
	wrt    []string
	order  string // gradient, jacobian, hessian
	steps  bool
	verify bool
	seed   int64
}

// derived is a result and what the verifier made of it.
type derived struct {
	doc       *render.Doc
	wrong     bool // the verifier found an answer false
	undecided bool // it could not decide on some answer
}

type verifyOptions struct {
	conventions
	wrt    []string
	points int
	seed   int64
}

// verified is the table of `matdiff verify`.
type verified struct {
	rows             []verifiedRow
	summary          string
	json             any
	wrong, undecided bool
}

type verifiedRow struct {
	name, verdict, reason string
	points                int
	maxRelError, bound    float64
}

type checkOptions struct {
	hint bool
	seed int64
}

// checked is the report on one derivation in every format.
type checked struct {
	verdict        string // right, wrong, undecided
	first          string // the first bad line and its mistake
	text, markdown func(colour bool) string
	json           any
}

type genOptions struct {
	lang, pkg, name, order, file     string
	wrt                              []string
	test, optimize, workers, float32 bool
	seed                             int64
}

type generated struct {
	files []generatedFile
	plan  string
	notes []string
}

type generatedFile struct {
	name string
	data []byte
}
