package simplify

// The canonical form of sums and transposes.
var (
	likeTerms = inline(groupSums, Rewrite{
		Name: "like terms", Given: "A: n×m", Left: "2*A + 3*A", Right: "5*A",
		If:    "the terms are equal but for their numbers",
		Stays: "A: n×m; B: n×m; 2*A + 3*B",
	})
	numberTimesSum = inline(groupSums, Rewrite{
		Name: "number times a sum in a sum", Given: "A: n×m; B: n×m", Left: "2*(A - B) + B", Right: "2*A - B",
		If:    "the factor is a number: other products over sums are multiplied out only where that is shorter",
		Stays: "A: n×m; B: n×m; a: scalar; a*(A - B) + B",
	})
	content = inline(groupSums, Rewrite{
		Name: "content of a sum", Given: "a: scalar; A: n×m; B: n×m", Left: "a*(2*A - 4*B)", Right: "2*a*(A - 2*B)",
		If:    "the numbers of all terms have a common factor, or the first is negative",
		Stays: "a: scalar; A: n×m; B: n×m; a*(2*A - 3*B)",
	})
	transposeOut = inline(groupSums, Rewrite{
		Name: "transpose of a sum, from its terms", Given: "A: n×m; B: n×m", Left: "A' + B'", Right: "(A + B)'",
		If:    "most operands are transposed; elementwise products too",
		Stays: "A: n×m; B: m×n; A' + B",
	})
	transposeIn = inline(groupSums, Rewrite{
		Name: "transpose of a sum, to its terms", Given: "A: n×m; B: m×n", Left: "(A + B')'", Right: "A' + B",
		If:    "that leaves no more transposes; elementwise products too",
		Stays: "A: n×m; B: n×m; C: m×n; (A + B)' * (A + B)",
	})
	symmetricTranspose = inline(groupSums, Rewrite{
		Name: "transpose of a symmetric matrix", Given: "A: n×n symmetric; B: n×n", Left: "A'*B", Right: "A*B",
		If:    "the matrix is symmetric, by declaration or as XᵀX is",
		Stays: "A: n×n; B: n×n; A'*B",
	})
	productTranspose = inline(groupSums, Rewrite{
		Name: "transpose of a product", Given: "A: n×k; B: k×m", Left: "(A*B)'", Right: "B'*A'",
		If:    "always",
		Stays: "A: n×m; B: n×m; (A .* B)'",
	})
	scaledTranspose = inline(groupSums, Rewrite{
		Name: "transpose of a scaled matrix", Given: "a: scalar; A: n×m", Left: "(a*A)'", Right: "a*A'",
		If:    "always",
		Stays: "a: scalar; A: n×m; a*A'",
	})
	onesMatrix = inline(groupSums, Rewrite{
		Name: "matrix of ones", Given: "A: n×m", Left: "A + ones(n, m)", Right: "A + ones(n)*ones(m)'",
		If:    "neither size is 1",
		Stays: "a: n; a + ones(n)",
	})
)
