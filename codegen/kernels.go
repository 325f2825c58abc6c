package codegen

import "github.com/matdiff/matdiff/codegen/kernel"

// blockRows is the number of rows of a block. 64 and 128 cost the same with
// gonum's BLAS; OpenBLAS, which packs the other factor anew for every block,
// prefers 128.
const blockRows = 128

// kernelNames are taken in the generated file.
func kernelNames() []string { return kernel.Names() }
