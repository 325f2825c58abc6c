package verify_test

import (
	"context"
	"testing"

	"github.com/matdiff/matdiff"
	"github.com/matdiff/matdiff/verify"
)

// wrongClaims are gradients that are wrong in a way that is easy to miss: by a
// little, in one entry, for one sign, in one region, in the transpose, by a
// property that nobody declared, or beside a value that is much larger.
var wrongClaims = []string{
	`x: n; Q = sum(x.^2); dQ/dx = 2*x + 1e-5*x`,
	`x: n; Q = sum(x.^2); dQ/dx = 2.00002*x`,
	`x: n; Q = 1e8 + sum(x.^2); dQ/dx = 2.00002*x`,
	`x: n; Q = 1e-12*sum(x.^2); dQ/dx = 2.00002e-12*x`,
	`x: n; Q = 1e12*sum(x.^2); dQ/dx = 2.00002e12*x`,
	`x: n; Q = 1e-30*sum(x.^2); dQ/dx = 0*x`,
	`x: n; Q = 1e-30*sum(x.^2); dQ/dx = 2.0001e-30*x`,
	`x: n; Q = 1e-200*sum(x.^2); dQ/dx = 2.0001e-200*x`,
	`x: n; Q = 1e200*sum(x.^2); dQ/dx = 2.0001e200*x`,
	`x: n; Q = sum(log(abs(x))); dQ/dx = 1./abs(x)`,
	`x: n; Q = sum(abs(x)); dQ/dx = ones(n)`,
	`x: n; Q = sum(sqrt(x.^2)); dQ/dx = ones(n)`,
	`x: n; y: n binary; Q = sum(y .* log(sigmoid(x))); dQ/dx = y - sigmoid(x)`,
	`x: n; y: n binary; Q = sum(y .* x); dQ/dx = y.*[y==0]`,
	`x: n; y: n binary; Q = sum(y .* x); dQ/dx = ones(n)`,
	`x: n; Q = max(x); dQ/dx = x./max(x)`,
	`x: n; Q = sum(relu(x)); dQ/dx = ones(n)`,
	`x: n; Q = sum(relu(x - 3)); dQ/dx = zeros(n)`,
	`x: n; Q = sum(relu(x - 10)); dQ/dx = zeros(n)`,
	`x: n; Q = sum(relu(x - 30)); dQ/dx = zeros(n)`,
	`x: n; Q = sum(relu(x - 1000)); dQ/dx = zeros(n)`,
	`x: n; Q = sum(relu(-x - 100)); dQ/dx = zeros(n)`,
	`w: n nonnegative; y: n; Q = sum([w <= 1/2] .* w .* y); dQ/dy = [w <= 1/2] .* w.^2`,
	`A: n×n symmetric; B: n×n; Q = tr(A*B); dQ/dA = B'`,
	`A: n×n symmetric; B: n×n; Q = tr(A*B); dQ/dA = B + B' - diag(diag(B))`,
	`A: n×n spd; Q = logdet(A); dQ/dA = 2*inv(A) - diag(diag(inv(A)))`,
	`X: n×n; Q = logdet(X); dQ/dX = inv(X)`,
	`X: n×n; Q = det(X); dQ/dX = abs(det(X))*inv(X)'`,
	`X: n×n; Q = log(abs(det(X))); dQ/dX = sign(det(X))*inv(X)'`,
	`x: n; Q = prod(x); dQ/dx = prod(x)./abs(x)`,
	`x: n; Q = norm(x); dQ/dx = x`,
	`x: n; Q = sum(x.^3); dQ/dx = 3*abs(x).*x`,
	`x: n; Q = mean(x); dQ/dx = ones(n)/(n+1e-4)`,
	`x: n; Q = mean(x); dQ/dx = ones(n)/4`,
	`X: N×K; Q = sum(X); dQ/dX = ones(N,K)*(1 + 1e-6*(N-3)*(N-4))`,
	`X: N×K; Q = sum(X); dQ/dX = ones(N,K)*(1 + [N==3])`,
	`X: N×K; Q = sum(X); dQ/dX = ones(N,K)*(1 + [K==6])`,
	`X: N×K; Q = sum(X); dQ/dX = ones(N,K)*(1 + 1e-6*(N^2-5*N+6)*(N-4)*(N-5))`,
	`X: N×K; w: K; y: N; Q = norm(X*w-y)^2; dQ/dw = 2*X'*(X*w-y)*(1 + [N==7])`,
	`c: scalar positive; s: scalar; Q = elu(((3/(1 + 0.5^2)) + (0.5 c)) .* s); dQ/dc = (1/2)*s*([s > 0] + min((1/10)*s*(24+5*c),0)*[s <= 0])`,
	`a: scalar; b: scalar; Q = a*b; dQ/da = b + [a < 0]*[b < 0]`,
	`x: n; a: scalar; Q = sum(relu(x))*a; dQ/da = sum(relu(x)) + [a > 40]`,
	`x: n simplex; Q = sum(x.*log(x)); dQ/dx = log(x)`,
	`x: n; Q = sum(exp(x)); dQ/dx = exp(x) + 1e-7`,
	`x: n; Q = sum(exp(10*x)); dQ/dx = 10*exp(10*x) + 1e-3`,
	`x: n; Q = sum(exp(30*x)); dQ/dx = 30*exp(30*x) + 1`,
	`x: n; Q = sum(exp(30*x)); dQ/dx = 30*exp(30*x).*[x > 0]`,
	`x: n; Q = sum(exp(10*x)); dQ/dx = 10*exp(10*x).*[x > -0.5]`,
	`x: n; Q = sum(asin(x)); dQ/dx = 1./(1 - x.^2)`,
	`x: n; Q = sum(tanh(x)); dQ/dx = 1 - tanh(x).^2 + 1e-8`,
	`w: n; Q = 1e6*norm(w)^2; dQ/dw = 2e6*w + 1`,
	`x: n; Q = (sum(x) - 1)^8; dQ/dx = 8*abs(sum(x)-1)^7*ones(n)`,
	`x: n; Q = max(x) - min(x); dQ/dx = [x == max(x)] + [x == min(x)]`,
	`x: n; a: scalar; Q = sum(a*x); dQ/da = sum(abs(x))`,
	`a: scalar; b: scalar; Q = a*b; dQ/da = abs(b)`,
	`a: scalar; Q = a^2; dQ/da = 2*abs(a)`,
	`a: scalar; Q = abs(a)^3; dQ/da = 3*a^2`,
	`a: scalar; Q = sqrt(a); dQ/da = 1/(2*a)`,
	`a: scalar; Q = sin(a); dQ/da = cos(a) + 1e-9`,
	`a: scalar; Q = sin(1000*a); dQ/da = 1000.01*cos(1000*a)`,
}

// undecidable are wrong gradients of objectives that rounding drowns.
var undecidable = []string{
	`x: n; Q = 1e12 + sum(x.^2); dQ/dx = 2.00002*x`,
	`x: n; Q = 1e15 + sum(x.^2); dQ/dx = 2.1*x`,
}

// neither are gradients of objectives that rounding decides.
var neither = []string{
	`X: k×k spd; U: k×k diagonal; A: k×k; Q = sum(A .* gt(X\X + U, U))`,
}

// rightClaims are right where a verifier could stumble: kinks, ties, edges of
// domains, values out of all proportion, cancellation, ill-conditioned inverses.
var rightClaims = []string{
	`x: n; Q = 1e8 + sum(x.^2); dQ/dx = 2*x`,
	`x: n; Q = 1e12 + sum(x.^2); dQ/dx = 2*x`,
	`x: n; Q = 1e15 + sum(x.^2); dQ/dx = 2*x`,
	`x: n; Q = 1e12*sum(x.^2); dQ/dx = 2e12*x`,
	`x: n; Q = 1e-12*sum(x.^2); dQ/dx = 2e-12*x`,
	`x: n; Q = 1e-30*sum(x.^2); dQ/dx = 2e-30*x`,
	`x: n; Q = 1e-200*sum(x.^2); dQ/dx = 2e-200*x`,
	`x: n; Q = 1e200*sum(x.^2); dQ/dx = 2e200*x`,
	`x: n; Q = sum(log(abs(x))); dQ/dx = 1./x`,
	`x: n; Q = sum(abs(x)); dQ/dx = sign(x)`,
	`x: n; y: n binary; Q = sum(y .* log(sigmoid(x))); dQ/dx = y.*(1 - sigmoid(x))`,
	`x: n; Q = sum(relu(x - 3)); dQ/dx = [x > 3]`,
	`A: n×n symmetric; Q = tr(A*A); dQ/dA = 2*A`,
	`A: n×n symmetric; B: n×n; Q = tr(A*B); dQ/dA = (B+B')/2`,
	`A: n×n spd; Q = logdet(A); dQ/dA = inv(A)`,
	`X: n×n; Q = det(X); dQ/dX = det(X)*inv(X)'`,
	`X: n×n; Q = log(abs(det(X))); dQ/dX = inv(X)'`,
	`x: n; Q = prod(x); dQ/dx = prod(x)./x`,
	`x: n; Q = sum(x.^3); dQ/dx = 3*x.*x`,
	`x: n simplex; Q = sum(x.*log(x)); dQ/dx = log(x) + 1`,
	`x: n; Q = sum(exp(30*x)); dQ/dx = 30*exp(30*x)`,
	`a: scalar; Q = sin(1000*a); dQ/da = 1000*cos(1000*a)`,
	`x: n; Q = sin(1e6*sum(x)); dQ/dx = 1e6*cos(1e6*sum(x))*ones(n)`,
	`A: n×n symmetric; Q = tr(A*A); dQ/dA = 2*A + (A - A')`,
	`x: n; Q = norm(x); dQ/dx = x/norm(x)`,
	`x: n; Q = sum(exp(20*x)); dQ/dx = 20*exp(20*x)`,
	`x: n; Q = sum(exp(100*x)); dQ/dx = 100*exp(100*x)`,
	`x: n; Q = prod(x.^3); dQ/dx = 3*prod(x)^3./x`,
	`x: n; Q = prod(exp(x)); dQ/dx = exp(sum(x))*ones(n)`,
	`x: n; Q = max(x); dQ/dx = [x == max(x)]`,
	`x: n; y: n binary; Q = max(x + y); dQ/dx = [x+y == max(x+y)]`,
	`y: n binary; Q = sum(y.^2); dQ/dy = 2*y`,
	`Y: N×K onehot; X: N×K; Q = tr(Y'X); dQ/dY = X`,
	`X: n×n; Q = tr(inv(X'X)); dQ/dX = -2*X*inv(X'X)*inv(X'X)`,
	`X: n×n; Q = tr(inv(X'X + 1e-6*eye(n))); dQ/dX = -2*X*inv(X'X+ 1e-6*eye(n))*inv(X'X+ 1e-6*eye(n))`,
	`X: n×n; Q = tr(inv(X*X*X*X)); dQ/dX = -4*inv(X'*X'*X'*X'*X')`,
	`X: n×n; Q = tr(X^20); dQ/dX = 20*(X')^19`,
	`X: n×n; Q = tr(X^100); dQ/dX = 100*(X')^99`,
	`x: n; Q = norm(x)^20; dQ/dx = 20*norm(x)^18*x`,
	`x: n; Q = 1/norm(x)^20; dQ/dx = -20*x/norm(x)^22`,
	`x: n; Q = log(sum(exp(1000*x)))/1000; dQ/dx = softmax(1000*x)`,
	`x: n; Q = logsumexp(1000*x)/1000; dQ/dx = softmax(1000*x)`,
	`x: n; Q = sum(sigmoid(100*x)); dQ/dx = 100*sigmoid(100*x).*sigmoid(-100*x)`,
	`x: n; Q = sum(tanh(50*x)); dQ/dx = 50*(1 - tanh(50*x).^2)`,
	`x: n; Q = sum(relu(x).^2); dQ/dx = 2*relu(x)`,
	`x: n; Q = sum(abs(x)); dQ/dx = 2*[x > 0] - 1`,
	`x: n; Q = sum(max(x, 0)); dQ/dx = [x >= 0]`,
	`x: n; Q = sum(max(0, 1 - x)); dQ/dx = -[x < 1]`,
	`x: n; Q = sum(sqrt(x)); dQ/dx = 1./(2*sqrt(x))`,
	`x: n; Q = sum(x.*log(x)); dQ/dx = log(x)+1`,
	`x: n; Q = sum(asin(x)); dQ/dx = 1./sqrt(1 - x.^2)`,
	`x: n; Q = sum(log(1 - x.^2)); dQ/dx = -2*x./(1-x.^2)`,
	`x: n; Q = log(1 - x'x); dQ/dx = -2*x/(1-x'x)`,
	`x: n; Q = sqrt(1 - norm(x)); dQ/dx = -x/(2*norm(x)*sqrt(1-norm(x)))`,
	`x: n; a: scalar; Q = sum(log(x - a)); dQ/dx = 1./(x-a)`,
	`X: n×m; Q = logdet(X'X); dQ/dX = 2*X*inv(X'X)`,
	`A: n×n; B: n×n; Q = logdet(A*B); dQ/dA = inv(A)'`,
	`A: n×n; Q = logdet(A + A'); dQ/dA = 2*inv(A + A')`,
	`A: n×n; Q = sqrt(det(A)); dQ/dA = sqrt(det(A))/2*inv(A)'`,
	`p: n simplex; q: n simplex; Q = sum(p.*log(p./q)); dQ/dp = log(p./q) + 1`,
	`x: n; Q = var(x); dQ/dx = 2/n*(x - mean(x))`,
	`x: n; Q = sum((x - mean(x)).^4)/n/var(x)^2`,
	`x: n; y: n; Q = x'y/(norm(x)*norm(y)); dQ/dx = y/(norm(x)*norm(y)) - x'y*x/(norm(x)^3*norm(y))`,
	`x: n; Q = 1e8*sum(x.^2) + 1e-8*sum(x); dQ/dx = 2e8*x + 1e-8`,
	`w: n; λ: scalar; Q = λ*norm(w)^2; dQ/dλ = norm(w)^2`,
	`x: n; Q = sum(erf(10*x)); dQ/dx = 20/sqrt(pi)*exp(-100*x.^2)`,
	`x: n; Q = sum(gelu(10*x))`,
	`x: n; Q = exp(exp(x'x)); dQ/dx = 2*exp(exp(x'x) + x'x)*x`,
	`A: n×n; x: n; Q = x'*expm(A)*x`,
	`x: n; Q = sum(log(softmax(50*x)))`,
	`x: n; Q = -sum(log(sigmoid(200*x)))`,
	`x: n; y: n binary; Q = -sum(y.*log(sigmoid(40*x)) + (1-y).*log(1-sigmoid(40*x)))`,
	`x: n; Q = sum(1e-300*x.^2)`,
	`x: n; Q = sum(1e300*x)`,
	`x: n; Q = sum(x)/1e-300`,
	`x: n; Q = norm(1e200*x)`,
	`x: n; Q = sum(x.^0.1)`,
	`x: n; Q = sum(x.^-7)`,
	`A: n×n; Q = det(A)^3`,
	`A: n×n; Q = log(det(A)^2)`,
	`A: n×n; Q = norm(inv(A))`,
	`A: n×n spd; Q = norm(sqrt(A))`,
	`A: n×n diagonal; Q = det(A)`,
	`Q: n×n orthogonal; A: n×n; f = tr(Q'A Q)`,
	`x: n; Q = min(x)*max(x)`,
	`x: n; k: scalar; Q = sum(sin(k*x)./x)`,
	`x: n; Q = (x'x)^(1/3)`,
	`x: n; Q = sum(abs(x).^1.5)`,
	`x: n; Q = sum(sign(x).*abs(x).^0.5)`,
	`x: n; Q = x'x - x'x`,
	`X: N×D; mu: D; S: D×D spd; Q = -N/2*logdet(S) - 1/2*sum(((X - 1mu')*inv(S)).*(X - 1mu'))`,
}

func judged(t *testing.T, src string, seed int64) (wrong, right bool, rep *verify.Report) {
	t.Helper()
	rep, err := matdiff.Verify(context.Background(), src, matdiff.Seed(seed))
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return rep.Failed() != nil, rep.Right(), rep
}

func TestClaims(t *testing.T) {
	for seed := int64(1); seed <= 3; seed++ {
		for _, src := range wrongClaims {
			if wrong, _, rep := judged(t, src, seed); !wrong {
				t.Errorf("wrong, but not called so (seed %d): %s\n%+v", seed, src, rep.Variables)
			}
		}
		for _, src := range undecidable {
			if _, right, rep := judged(t, src, seed); right {
				t.Errorf("wrong, but called right (seed %d): %s\n%+v", seed, src, rep.Variables)
			}
		}
		for _, src := range neither {
			if wrong, _, rep := judged(t, src, seed); wrong {
				t.Errorf("called wrong (seed %d): %s\n%+v", seed, src, rep.Variables)
			}
		}
		for _, src := range rightClaims {
			if _, right, rep := judged(t, src, seed); !right {
				t.Errorf("right, but not called so (seed %d): %s\n%+v", seed, src, rep.Variables)
			}
		}
	}
}

// TestTieOfLargest: at equal largest entries [x = max(x)] and its share of them
// differ, and nowhere near; [y = k] differs from 0 where it says so.
func TestTieOfLargest(t *testing.T) {
	for src, want := range map[string]string{
		"x: n\nQ = max(x)\ndQ/dx = [x == max(x)]":                       "right",
		"x: n\nk: scalar\ny: n\nQ = sum([y == k].*x)\ndQ/dx = zeros(n)": "wrong",
		"x: n\nk: scalar\ny: n\nQ = sum([y == k].*x)\ndQ/dx = [y == k]": "right",
	} {
		rep, err := matdiff.Check(context.Background(), src, matdiff.CheckOptions{})
		if err != nil || rep.Verdict != want {
			t.Errorf("%s\n%v, want %s %v", src, rep, want, err)
		}
	}
}
