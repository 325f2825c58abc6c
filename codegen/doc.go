// Package codegen turns an objective and its gradients into source code: a Go
// type on gonum with a preallocated workspace, or a NumPy module.
//
//	objective, gradients (expr DAG)
//	    │ stabilise   log(softmax) → logsoftmax, log(1+exp) → softplus, …
//	    │ lower       operations: maps, reductions, products, factorisations
//	    ▼
//	  graph           chains ordered, scalings and transposes as flags, common parts once
//	    │ schedule    stages → row phases → row loops → column loops
//	    │ store       register, row, block or whole buffer; reuse by liveness
//	    ▼
//	  plan ──┬─ Go (kernels behind one seam) · its test
//	         └─ printed plan
//
//	objective, gradients ── stabilise ──▶ NumPy
package codegen
