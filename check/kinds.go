package check

// kinds says what kind of mistake an id is, without the place and the answer.
var kinds = map[string]string{
	"missing-transpose":       "a transpose is missing, or is there and does not belong",
	"layout":                  "the transposed answer: the other layout",
	"sign":                    "a sign is wrong",
	"factor":                  "a constant factor is wrong",
	"missing-1/N":             "the 1/N of a mean is missing",
	"factor-N":                "a size is missing as a factor, or is one too many",
	"order-of-factors":        "matrix factors are out of order",
	"dropped-term":            "a term is missing",
	"extra-term":              "there is a term too many",
	"extra-factor":            "there is a factor too many",
	"extra-function":          "a function is applied that does not belong",
	"missing-function":        "a function is missing",
	"other-function":          "another function belongs there",
	"product-rule":            "the product rule: the variable occurs more than once",
	"quotient-rule":           "the quotient rule: the denominator depends on the variable too",
	"chain-rule-factor":       "the chain rule: a factor is missing",
	"norm-vs-squared-norm":    "the norm and its square are confused",
	"missing-sum":             "a sum over the rows is missing, or is over the wrong axis",
	"missing-trace":           "a trace is missing",
	"missing-diag":            "a diagonal matrix is needed in place of a vector",
	"inner-outer-confusion":   "inner and outer product are confused",
	"softmax-jacobian":        "the off-diagonal part of the Jacobian of softmax is missing",
	"off-diagonal":            "the off-diagonal part of a Jacobian is missing",
	"hadamard":                "the elementwise and the matrix product are confused",
	"power":                   "an exponent is wrong",
	"determinant-factor":      "det and logdet are confused",
	"scalar-for-vector":       "a scalar stands where a vector belongs",
	"other-variable":          "this is the gradient by another variable",
	"symmetric-assumed":       "a matrix is taken to be symmetric that is not",
	"symmetric-convention":    "another convention for symmetric variables",
	"stationary-point":        "the gradient is not zero there",
	"missing-inverse":         "an inverse is there that does not belong",
	"inverse-order":           "the inverse of a product reverses its factors",
	"ones":                    "a scalar stands where a vector of it belongs",
	"identity":                "a scalar stands where a multiple of the identity belongs",
	"wrong-point":             "a derivative is taken at the wrong point",
	"wrong-derivative":        "the derivative of a function is another one",
	"elementwise-rule":        "the rule of a number is used for a function of a matrix",
	"rows-sum-to-one-assumed": "rows are taken to sum to one that need not",
	"binary-assumed":          "entries are taken to be 0 or 1 that need not be",
	"orthogonal-assumed":      "a matrix is taken to be orthogonal that is not",
	"other":                   "no single mistake that is known here",
	"shape":                   "the shapes do not fit",
}

func kindOf(id string) string {
	if s := kinds[id]; s != "" {
		return s
	}
	return "this line does not follow"
}
