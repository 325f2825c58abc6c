package check

import "testing"

// TestListed reads sentences that list names with sizes and kinds; "" is none.
func TestListed(t *testing.T) {
	for line, want := range map[string]string{
		"Given: A n×n, b n.":                                               "A: n×n; b: n",
		"Given A (n×n) and b (n×1)":                                        "A: n×n; b: n×1",
		"where A is n by n, b is n by 1":                                   "A: n×n; b: n×1",
		"Let A be an n-by-n matrix and b an n-vector.":                     "A: n×n; b: n",
		"Let A be a symmetric positive definite n×n matrix":                "A: n×n spd",
		"Let b be a vector and A a symmetric matrix.":                      "b: vector; A: matrix symmetric",
		"Here b, c are vectors and A is an n×n matrix":                     "b, c: vector; A: n×n",
		"Given a matrix A and a vector b.":                                 "A: matrix; b: vector",
		"Suppose A is n×n, symmetric":                                      "A: n×n symmetric",
		"A and B are n×n":                                                  "A, B: n×n",
		"X is an n×d matrix, y a vector of length n, λ a scalar":           "X: n×d; y: n; λ: scalar",
		"Let A be a square matrix of size n":                               "A: n×n",
		"Пусть A — матрица n×n, b — вектор длины n.":                       "A: n×n; b: n",
		"где A — симметричная матрица n×n":                                 "A: n×n symmetric",
		"Sei A eine symmetrische n×n Matrix und b ein Vektor der Länge n.": "A: n×n symmetric; b: n",
		"Soit A une matrice n×n et b un vecteur de taille n.":              "A: n×n; b: n",
		"Sea A una matriz n×n y b un vector":                               "A: n×n; b: vector",
		"b is a vector of length N":                                        "b: N",
		"A n×n and b n×1":                                                  "A: n×n; b: n×1",

		"A b":                                         "",
		"A is symmetric":                              "",
		"Let us consider a model with n samples":      "",
		"For each i the gradient is a vector":         "",
		"with respect to W":                           "",
		"This is a quadratic form.":                   "",
		"where the matrix is symmetric":               "",
		"Let X: n×p; y: n":                            "",
		"Q = x'x":                                     "",
		"Note that a scalar equals its own transpose": "",
		"so the Hessian is a matrix":                  "",
		"The loss is a scalar":                        "",
		"the gradient is a vector":                    "",
	} {
		if got := newVocabulary(line).listed(line); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}
