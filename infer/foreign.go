package infer

import (
	"strings"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/rules"
)

// foreign are functions of NumPy and MATLAB that this language writes in
// another way; $1 and $2 are the operands as factors.
var foreign = map[string]string{
	"pow 2": "$1.^$2", "power 2": "$1.^$2", "transpose 1": "$1'", "ctranspose 1": "$1'", "matmul 2": "$1*$2", "mtimes 2": "$1*$2", "times 2": "$1 .* $2",
	"multiply 2": "$1 .* $2", "divide 2": "$1 ./ $2", "rdivide 2": "$1 ./ $2", "add 2": "$1 + $2", "plus 2": "$1 + $2", "subtract 2": "$1 - $2", "minus 2": "$1 - $2",
	"std 1": "sqrt(var($1))", "solve 2": "$1 \\ $2", "mldivide 2": "$1 \\ $2", "negative 1": "-$1", "reciprocal 1": "1 ./ $1",
	"clip 3": "min(max($1, $2), $3)", "log2 1": "log($1)/log(2)", "log10 1": "log($1)/log(10)", "sumsq 1": "sum($1.^2)", "rms 1": "sqrt(mean($1.^2))",
	"identity 1": "eye($1)", "sec 1": "1 ./ cos($1)", "csc 1": "1 ./ sin($1)", "cot 1": "1 ./ tan($1)", "relu6 1": "min(max($1, 0), 6)",
	"pinv 1": "inv($1'*$1)*$1'", "erfc 1": "1 - erf($1)", "cbrt 1": "$1.^(1/3)", "exp2 1": "exp($1*log(2))", "hypot 2": "sqrt($1.^2 + $2.^2)",
	"mse 2": "mean(($1 - $2).^2)", "mae 2": "mean(abs($1 - $2))", "rmse 2": "sqrt(mean(($1 - $2).^2))", "logaddexp 2": "log(exp($1) + exp($2))",
	"logsigmoid 1": "log(sigmoid($1))", "log_sigmoid 1": "log(sigmoid($1))", "determinant 1": "det($1)", "diagm 1": "diag($1)",
	"frobenius 1": "norm($1)", "frob 1": "norm($1)", "sech 1": "1 ./ cosh($1)",
	"where 3": "$1 .* $2 + (1 - $1) .* $3", "log_2 1": "log($1)/log(2)", "log_10 1": "log($1)/log(10)",
}

// absent says of functions that one could look for why they are not here.
var absent = map[string]string{
	"floor": jumps, "ceil": jumps, "round": jumps, "trunc": jumps, "fix": jumps, "mod": jumps, "rem": jumps,
	"eig": spectral, "eigvals": spectral, "svd": spectral, "qr": spectral, "chol": spectral, "cholesky": spectral, "lu": spectral, "rank": spectral, "cond": spectral,
	"cumsum": ordered, "cumprod": ordered, "sort": ordered, "median": ordered, "diff": ordered, "quantile": ordered,
	"grad": derived, "gradient": derived, "jacobian": derived, "hessian": derived, "derivative": derived,
	"atan2":   "atan2(y, x) is atan(y ./ x) where x > 0",
	"gammaln": special, "lgamma": special, "digamma": special, "beta": special, "besselj": special,
}

const (
	jumps    = "it is constant between its jumps, so nothing descends along it; step(x) and [x >= a] are in the language"
	spectral = "decompositions are not in the language; inv, det, logdet, ‖X‖_* and expm are"
	ordered  = "it is not in the language; declare its result as a variable, or write it as a product with a matrix of ones"
	derived  = "give the objective alone: its derivatives are what is derived"
	special  = "it is not in the language"
)

// translate offers the spelling of this language for a function of another.
func (in *inferrer) translate(d *diag.Diagnostic, e *ast.Call) bool {
	form := foreign[strings.ToLower(e.Fun.Text)+" "+itoa(len(e.Args))]
	if form == "" {
		return false
	}
	for i, a := range e.Args {
		s := in.text(a.Pos())
		switch a.(type) {
		case *ast.Number, *ast.Name, *ast.Call, *ast.Paren, *ast.Postfix:
		default:
			s = "(" + s + ")"
		}
		form = strings.ReplaceAll(form, "$"+itoa(i+1), s)
	}
	d.Offer(diag.Fix{Span: e.Span, Text: "(" + form + ")", Show: form})
	d.Help = "write " + form
	return true
}

// usage writes how a function is called: elu(X) or elu(X, a).
func usage(fs []*rules.Func) string {
	var forms []string
	for _, f := range fs {
		least, most := f.Arity()
		if least == 0 && most > 0 {
			least = 1
		}
		for n := least; n <= most; n++ {
			names := make([]string, n)
			for i := range names {
				names[i] = f.Params[i].Name
			}
			forms = append(forms, f.Name+"("+strings.Join(names, ", ")+")")
		}
	}
	return strings.Join(forms, " or ")
}
