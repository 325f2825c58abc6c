package codegen

import "github.com/matdiff/matdiff/codegen/kernel"

// blockRows is the number of rows of a block: 24 to 192 cost the same where
// the rows are short, and at most three tiles of gonum's BLAS (64 by 64) are
// done without goroutines.
const blockRows = 64

// kernelNames are taken in the generated file.
func kernelNames() []string { return kernel.Names() }
