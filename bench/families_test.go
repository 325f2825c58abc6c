package bench

import (
	"fmt"
	"strings"
)

// family is a kind of program that grows with n.
type family struct {
	name string
	n    int // the least size that is measured
	text func(n int) string
}

// families are the long programs that people write: networks, recurrences,
// sums, products and nests of many parts.
var families = []family{
	{"tanh-network", 16, network},
	{"tanh-nested", 16, nested},
	{"linear-chain", 32, linear},
	{"linear-nested", 64, linearNested},
	{"prod-of-scalars", 64, scalarProduct},
	{"product-of-forms", 32, quadraticForms},
	{"trace-of-product", 32, traceOfProduct},
	{"deep-quotient", 8, quotients},
	{"residual-network", 16, residual},
	{"sum-of-scalars", 32, scalarSum},
	{"sum-of-forms", 16, formSum},
	{"sine-nest", 32, sineNest},
	{"sine-lines", 32, sineLines},
	{"matrix-sine-nest", 32, matrixSineNest},
	{"wide-sum", 32, wide},
	{"attention-stack", 2, attention},
	{"lstm", 4, lstm},
	{"logdet-of-outer", 8, logdetOuter},
	{"logdet-chain", 8, logdetChain},
	{"trace-of-power", 32, traceOfPower},
	{"relu-network", 16, reluNetwork},
	{"sum-squares", 16, sumSquares},
	{"resnet-two", 8, residualTwo},
	{"rnn-shared", 8, recurrent},
	{"gru", 8, gated},
	{"gradient-descent", 8, descent},
	{"momentum", 8, momentum},
	{"kalman-filter", 4, kalman},
	{"kalman-scalar", 4, kalmanScalar},
	{"autoregression", 8, autoregression},
	{"logistic-map", 16, logisticMap},
	{"mixture-of-experts", 8, experts},
	{"defined-from-before", 8, fromBefore},
}

func join(n int, sep, format string) string {
	s := make([]string, n)
	for i := range s {
		s[i] = strings.ReplaceAll(format, "#", fmt.Sprint(i+1))
	}
	return strings.Join(s, sep)
}

// each repeats a line with # replaced by 1 … n and @ by the number before, the
// name of the first layer's input given.
func each(n int, line, first string) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		s := line
		if i == 1 {
			s = strings.ReplaceAll(s, "H_@", first)
		}
		s = strings.ReplaceAll(s, "@", fmt.Sprint(i-1))
		b.WriteString(strings.ReplaceAll(s, "#", fmt.Sprint(i)) + "\n")
	}
	return b.String()
}

func linear(n int) string {
	return "X: N×D; Y: N×D\n" + each(n, "W_#: D×D", "") + each(n, "H_# = H_@ W_#", "X") +
		fmt.Sprintf("Q = 1/2 ‖H_%d - Y‖²\n", n)
}

func linearNested(n int) string {
	return "X: N×D; Y: N×D\n" + each(n, "W_#: D×D", "") +
		"Q = 1/2 ‖X " + join(n, " ", "W_#") + " - Y‖²\n"
}

func residual(n int) string {
	return "X: N×D; Y: N×D\n" + each(n, "W_#: D×D", "") + each(n, "H_# = H_@ + tanh(H_@ W_#)", "X") +
		fmt.Sprintf("Q = 1/2 ‖H_%d - Y‖²\n", n)
}

func residualTwo(n int) string {
	return "X: N×D; Y: N×D\n" + each(n, "U_#: D×M; V_#: M×D", "") + each(n, "H_# = H_@ + relu(H_@ U_#) V_#", "X") +
		fmt.Sprintf("Q = 1/2 ‖H_%d - Y‖²\n", n)
}

func reluNetwork(n int) string {
	return "X: N×D; Y: N×D onehot\n" + each(n, "W_#: D×D; b_#: 1×D", "") + each(n, "H_# = relu(H_@ W_# + b_#)", "X") +
		fmt.Sprintf("Q = -sum(Y .* logsoftmax(H_%d))/N\n", n)
}

func scalarProduct(n int) string {
	return join(n, "; ", "x_#: scalar") + "\nQ = " + join(n, "*", "x_#") + "\n"
}

func scalarSum(n int) string {
	return join(n, "; ", "x_#: scalar") + "\nQ = " + join(n, " + ", "x_#^2") + "\n"
}

func formSum(n int) string {
	return "x: n\n" + each(n, "A_#: n×n", "") + "Q = " + join(n, " + ", "x'A_# x") + "\n"
}

func sineNest(n int) string {
	return "x: scalar\nQ = " + strings.Repeat("sin(", n) + "x" + strings.Repeat(")", n) + "\n"
}

func matrixSineNest(n int) string {
	return "X: n×m\nQ = sum(" + strings.Repeat("sin(", n) + "X" + strings.Repeat(")", n) + ")\n"
}

func sineLines(n int) string {
	return "x: scalar\n" + each(n, "H_# = sin(H_@)", "x") + fmt.Sprintf("Q = H_%d\n", n)
}

func wide(n int) string {
	return "y: N\n" + each(n, "A_#: N×D; x_#: D", "") + "r = " + join(n, " + ", "A_# x_#") + " - y\nQ = r'r\n"
}

func attention(n int) string {
	return "X: N×D; Y: N×D; k: scalar\n" + each(n, "A_#: D×M; B_#: D×M; C_#: D×D; U_#: D×M; V_#: M×D; g_#: 1×D; c_#: 1×D", "") +
		each(n, `S_# = softmax(k * H_@ A_# (H_@ B_#)')
T_# = H_@ + S_# H_@ C_#
M_# = T_# - rowmean(T_#)
L_# = M_# ./ sqrt(rowmean(M_#.^2) + 1e-5)
E_# = L_# .* g_# + c_#
H_# = E_# + gelu(E_# U_#) V_#`, "X") + fmt.Sprintf("Q = 1/2 ‖H_%d - Y‖²\n", n)
}

func lstm(n int) string {
	s := "A: D×M; B: D×M; C: D×M; E: D×M; U: M×M; V: M×M; W: M×M; Z: M×M; a: 1×M; b: 1×M; c: 1×M; d: 1×M; h_0: 1×M; s_0: 1×M; y: 1×M\n" +
		each(n, "x_#: 1×D", "")
	s += strings.ReplaceAll(each(n, `f_# = sigmoid(x_# A + h_@ U + a)
i_# = sigmoid(x_# B + h_@ V + b)
o_# = sigmoid(x_# C + h_@ W + c)
s_# = f_# .* s_@ + i_# .* tanh(x_# E + h_@ Z + d)
h_# = o_# .* tanh(s_#)`, ""), "H_", "h_")
	return s + fmt.Sprintf("Q = 1/2 ‖h_%d - y‖²\n", n)
}

func logdetOuter(n int) string {
	return each(n, "x_#: D", "") + "Q = log det(" + join(n, " + ", "x_# x_#'") + ")\n"
}

func logdetChain(n int) string {
	return each(n, "A_#: D×D", "") + "Q = log det(" + join(n, " ", "A_#") + ")\n"
}

func quotients(n int) string {
	return "x: scalar; " + join(n, "; ", "a_#: scalar") + "\n" + each(n, "H_# = a_# / (1 + H_@)", "x") + fmt.Sprintf("Q = H_%d\n", n)
}

func sumSquares(n int) string {
	return "x: D\n" + each(n, "A_#: N×D; b_#: N", "") + "Q = " + join(n, " + ", "‖A_# x - b_#‖²") + "\n"
}

func recurrent(n int) string {
	return "W: M×M; U: D×M; b: 1×M; H_0: N×M; Y: N×M\n" + each(n, "x_#: N×D", "") +
		each(n, "H_# = tanh(H_@ W + x_# U + b)", "H_0") + fmt.Sprintf("Q = 1/2 ‖H_%d - Y‖²\n", n)
}

func gated(n int) string {
	return "A: D×M; B: D×M; C: D×M; U: M×M; V: M×M; W: M×M; H_0: N×M; Y: N×M\n" + each(n, "x_#: N×D", "") + each(n, `z_# = sigmoid(x_# A + H_@ U)
r_# = sigmoid(x_# B + H_@ V)
c_# = tanh(x_# C + (r_# .* H_@) W)
H_# = (1 - z_#) .* H_@ + z_# .* c_#`, "H_0") + fmt.Sprintf("Q = 1/2 ‖H_%d - Y‖²\n", n)
}

func descent(n int) string {
	return "A: n×n; b: n; l: scalar; x: n; y: n\n" + each(n, "H_# = H_@ - l A'(A H_@ - b)", "x") + fmt.Sprintf("Q = 1/2 ‖H_%d - y‖²\n", n)
}

func momentum(n int) string {
	return "A: n×n; b: n; m: scalar; l: scalar; v_0: n; H_0: n; y: n\n" + each(n, "v_# = m v_@ - l (A H_@ - b)\nH_# = H_@ + v_#", "H_0") +
		fmt.Sprintf("Q = 1/2 ‖H_%d - y‖²\n", n)
}

func kalman(n int) string {
	return "F: n×n; H: p×n; R: p×p spd; V: n×n spd; m_0: n; P_0: n×n spd\n" + each(n, "y_#: p", "") + each(n, `a_# = F m_@
C_# = F P_@ F' + V
S_# = H C_# H' + R
K_# = C_# H' inv(S_#)
e_# = y_# - H a_#
m_# = a_# + K_# e_#
P_# = C_# - K_# H C_#`, "") + "Q = 1/2 (" + join(n, " + ", "logdet(S_#) + e_#' inv(S_#) e_#") + ")\n"
}

func kalmanScalar(n int) string {
	return "f: scalar; r: scalar; v: scalar; m_0: scalar; P_0: scalar\n" + each(n, "y_#: scalar", "") + each(n, `C_# = f^2 P_@ + v
K_# = C_#/(C_# + r)
e_# = y_# - f m_@
m_# = f m_@ + K_# e_#
P_# = (1 - K_#) C_#`, "") + "Q = " + join(n, " + ", "e_#^2/(C_# + r)") + "\n"
}

func autoregression(n int) string {
	return "a: scalar; b: scalar\n" + each(n, "y_#: scalar", "") + each(n, "H_# = a H_@ + b y_#", "a") + "Q = " + join(n, " + ", "(H_# - y_#)^2") + "\n"
}

func logisticMap(n int) string {
	return "a: scalar; x: scalar\n" + each(n, "H_# = a H_@ (1 - H_@)", "x") + fmt.Sprintf("Q = H_%d\n", n)
}

func experts(n int) string {
	return "X: N×D; Y: N×K\n" + each(n, "W_#: D×K; g_#: D", "") + each(n, "E_# = tanh(X W_#)\na_# = exp(X g_#)", "") +
		"s = " + join(n, " + ", "a_#") + "\nF = " + join(n, " + ", "(a_# ./ s) .* E_#") + "\nQ = 1/2 ‖F - Y‖²\n"
}

func fromBefore(n int) string {
	var b strings.Builder
	b.WriteString("x: n\n" + each(n, "A_#: n×n; c_#: scalar", "") + "f_1 = x'A_1 x\n")
	for i := 2; i <= n; i++ {
		var s []string
		for j := max(1, i-3); j < i; j++ {
			s = append(s, fmt.Sprintf("f_%d", j))
		}
		fmt.Fprintf(&b, "f_%d = (%s) c_%d + x'A_%d x\n", i, strings.Join(s, " + "), i, i)
	}
	return b.String() + fmt.Sprintf("Q = f_%d\n", n)
}
