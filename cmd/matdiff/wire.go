package main

import (
	"context"
	"fmt"
)

// library is the engine that the commands run on.
var library = engine{
	derive: func(context.Context, source, deriveOptions) (*derived, error) {
		return nil, notBuilt("derive")
	},
	verify: func(context.Context, source, verifyOptions) (*verified, error) {
		return nil, notBuilt("verify")
	},
	check: func(context.Context, source, checkOptions) (*checked, error) {
		return nil, notBuilt("check")
	},
	generate: func(context.Context, source, genOptions) (*generated, error) {
		return nil, notBuilt("gen")
	},
}

// notBuilt reports a command whose stage this version does not have yet: it
// cannot decide anything.
func notBuilt(what string) error {
	return &exit{exitUndecided, fmt.Sprintf("this version of matdiff has no %s yet", what)}
}
