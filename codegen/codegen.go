package codegen

import (
	"fmt"
	"go/token"
	"strings"

	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
)

// Input is what code is generated for: a scalar objective and its gradients.
// Variables of kind expr.Part stand for what they name.
type Input struct {
	Program   *expr.Program // variables, sizes, source text
	Objective expr.Def
	Grads     []Gradient
	// Formula prints a node for comments; nil leaves formulas out.
	Formula func(*expr.Node) string
}

// Gradient is the gradient by one variable; the shapes are equal.
type Gradient struct {
	Wrt  *expr.Var
	Node *expr.Node
}

// Options chooses the target and its form.
type Options struct {
	Lang     string // "go" or "numpy"
	Package  string // Go: package name, "model" if empty
	Name     string // Go: type name, "Model" if empty
	Order    string // "value" or "gradient"; "gradient" if empty
	Float32  bool   // Go: float32 data (blas32)
	Test     bool   // Go: also a test with a benchmark
	Optimize bool   // Go: also Problem() for gonum/optimize
	Workers  bool   // Go: also SetWorkers, row blocks on several cores
	File     string // name of the file; "model.go", "model.py" if empty
}

// Output is generated source by file name, in the order written.
type Output struct {
	Files []File
	Plan  string // the schedule: operation, sizes, flops, bytes, buffer
	Notes []string
}

// File is one generated file.
type File struct {
	Name string
	Data []byte
}

// Codes of the errors of this package.
const (
	CodeTarget    = "E501" // unknown target language or order
	CodeName      = "E502" // package or type name is not usable
	CodeNotScalar = "E503" // the objective is not a scalar
	CodeNoCode    = "E504" // no code for a function of the program
	CodeWrite     = "E505" // the output cannot be written
	CodeStale     = "E506" // --check: the file differs from what would be generated
)

func fail(code, help, format string, args ...any) error {
	return &diag.Diagnostic{Code: code, Message: fmt.Sprintf(format, args...), Help: help}
}

// Generate writes the code. The same input and options give the same bytes.
// Errors are *diag.Diagnostic with a code E5xx.
func Generate(in Input, opt Options) (*Output, error) {
	if err := complete(&in, &opt); err != nil {
		return nil, err
	}
	if opt.Lang == "numpy" {
		return generateNumPy(in, opt)
	}
	return generateGo(in, opt)
}

func complete(in *Input, opt *Options) error {
	switch opt.Lang {
	case "", "go":
		opt.Lang = "go"
	case "numpy", "python":
		opt.Lang = "numpy"
	default:
		return fail(CodeTarget, "the targets are go and numpy", "unknown target %q", opt.Lang)
	}
	switch opt.Order {
	case "":
		opt.Order = "gradient"
	case "value", "gradient":
	case "jacobian", "hessian":
		return fail(CodeTarget, "use --order value or --order gradient", "there is no %s code yet", opt.Order)
	default:
		return fail(CodeTarget, "use --order value or --order gradient", "unknown order %q", opt.Order)
	}
	if !in.Objective.Node.IsScalar() && !(opt.Lang == "numpy" && opt.Order == "value") {
		return fail(CodeNotScalar, "make it a scalar, for instance by sum(…); NumPy code for the value alone, --lang numpy --order value, may be of any shape",
			"the objective is %v, and a gradient needs a scalar", in.Objective.Node.Shape)
	}
	if opt.Package == "" {
		opt.Package = "model"
	}
	if opt.Name == "" {
		opt.Name = "Model"
	}
	if opt.File == "" {
		opt.File = "model.go"
		if opt.Lang == "numpy" {
			opt.File = "model.py"
		}
	}
	if opt.Lang == "go" {
		if !token.IsIdentifier(opt.Package) || opt.Package == "_" {
			return fail(CodeName, "a package name is lower-case letters and digits", "%q cannot be a Go package name", opt.Package)
		}
		if !token.IsIdentifier(opt.Name) || opt.Name == "_" {
			return fail(CodeName, "a type name is letters and digits, such as Model", "%q cannot be a Go type name", opt.Name)
		}
		if !token.IsExported(opt.Name) {
			opt.Name = strings.ToUpper(opt.Name[:1]) + opt.Name[1:]
			if !token.IsExported(opt.Name) {
				return fail(CodeName, "a type name begins with a capital letter", "%q cannot be an exported Go name", opt.Name)
			}
		}
		if opt.Float32 && opt.Optimize {
			return fail(CodeTarget, "leave out one of the two", "gonum/optimize works on float64, not float32")
		}
	}
	return nil
}

// expander writes calls by their definitions, each once.
func (in *Input) expander() func(*expr.Node) (*expr.Node, bool) {
	memo := make(map[*expr.Node]*expr.Node)
	return func(n *expr.Node) (*expr.Node, bool) {
		if e, ok := memo[n]; ok {
			return e, e != nil
		}
		var e *expr.Node
		if x, err := expandRule(in.Program.B, n); err == nil && x != n {
			e = x
		}
		memo[n] = e
		return e, e != nil
	}
}

// plan is the schedule of one method.
type plan struct {
	*schedule
	value ref
	grads []gradientRef
}

type gradientRef struct {
	wrt *expr.Var
	r   ref
}

// newPlan lowers and schedules the objective and the gradients.
func newPlan(in *Input, grads []Gradient, p *pool, strips bool) (*plan, error) {
	l := newLowerer(in.expander())
	st := newStabiliser(in.Program.B)
	out := &plan{}
	value, err := l.lower(st.stabilise(in.Objective.Node))
	if err != nil {
		return nil, fail(CodeNoCode, "", "%v", err)
	}
	out.value = value
	roots := []ref{value}
	outs := make(map[*val]*expr.Var)
	for _, gr := range grads {
		r, err := l.lower(st.stabilise(gr.Node))
		if err != nil {
			return nil, fail(CodeNoCode, "", "%v", err)
		}
		if !gr.Wrt.Shape.IsScalar() {
			r = l.output(r, gr.Wrt, outs)
			outs[r.v] = gr.Wrt
		}
		out.grads = append(out.grads, gradientRef{gr.Wrt, r})
		roots = append(roots, r)
	}
	out.schedule = newSchedule(l.g, roots, strips)
	out.decide()
	out.allocate(p, outs)
	return out, nil
}

// output makes r a value that can be computed in the caller's gradient.
func (l *lowerer) output(r ref, wrt *expr.Var, outs map[*val]*expr.Var) ref {
	v := r.v
	if r.t && v.op == opMul && accumulates(v) && !vector(v) {
		// (AᵀB)ᵀ = BᵀA, computed in place.
		if w := l.g.find(v.args[1].T(), v.args[0].T(), v.shape.T()); w == nil || outs[w] == nil {
			v = l.g.intern(&val{op: opMul, args: []ref{v.args[1].T(), v.args[0].T()}, shape: v.shape.T()})
			r = ref{v: v}
		}
	}
	if !r.t && !v.leaf() && !v.shape.IsScalar() && outs[v] == nil {
		return r
	}
	c := &val{op: opMap, fn: "id", shape: wrt.Shape, args: []ref{r}, id: len(l.g.vals), node: v.node}
	l.g.vals = append(l.g.vals, c)
	return ref{v: c}
}
