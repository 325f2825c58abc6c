"""Values and gradients of every function by PyTorch, from formulas of its own.

Reads calls as JSON, one a line: fn, args (matrices), c (a weight of the shape
of the value), value, grads (one for each argument, null where none is asked
for). The gradient is that of sum(c * fn(args)), by autograd. Prints one line of
JSON for each call that differs, and a summary.
"""
import json
import math
import sys

import torch

torch.set_default_dtype(torch.float64)
exp, log, where = torch.exp, torch.log, torch.where


def axis(x):
    return 0 if x.shape[1] == 1 else 1


def lse(x):
    d = axis(x)
    m = x.detach().max(dim=d, keepdim=True).values
    return m + log(exp(x - m).sum(dim=d, keepdim=True))


def total(x):
    return x.sum().reshape(1, 1)


def expm1(x):
    """torch.expm1 takes y + 1 for its derivative, which is lost where y is near -1."""
    return where(x < -1, exp(x) - 1, torch.expm1(torch.clamp(x, min=-1)))


def phi(x):
    return exp(-x * x / 2) / math.sqrt(2 * math.pi)


def Phi(x):
    return 0.5 * torch.special.erfc(-x / math.sqrt(2))


def xlogy(y, p):
    return where(y == 0, y * log(where(y == 0, torch.ones_like(p), p)), y * log(p))


def cofactors(x):
    n = x.shape[0]
    if n == 1:
        return torch.ones(1, 1) + 0 * x
    rows = []
    for i in range(n):
        row = []
        for j in range(n):
            keep_i = [k for k in range(n) if k != i]
            keep_j = [k for k in range(n) if k != j]
            row.append((-1) ** (i + j) * leibniz(x[keep_i][:, keep_j]))
        rows.append(torch.stack(row))
    return torch.stack(rows)


def leibniz(x):
    """The determinant by expansion along the first row."""
    n = x.shape[0]
    if n == 1:
        return x[0, 0]
    s = 0
    for j in range(n):
        keep = [k for k in range(n) if k != j]
        s = s + (-1) ** j * x[0, j] * leibniz(x[1:][:, keep])
    return s


def diag(x):
    if 1 in x.shape:
        return torch.diag(x.reshape(-1))
    return torch.diagonal(x).reshape(-1, 1)


def dexpm(x, e):
    n = x.shape[0]
    z = torch.zeros(n, n)
    return torch.matrix_exp(torch.cat([torch.cat([x, e], 1), torch.cat([z, x], 1)]))[:n, n:]


def d2expm(x, e, f):
    n = x.shape[0]
    z = torch.zeros(n, n)
    m = torch.cat([
        torch.cat([x, e, f, z], 1),
        torch.cat([z, x, z, f], 1),
        torch.cat([z, z, x, e], 1),
        torch.cat([z, z, z, x], 1)])
    return torch.matrix_exp(m)[:n, 3 * n:]


def blocks(h, b, outer):
    """Sums of H against B: by blocks, or of blocks."""
    p, q = b.shape
    r, c = h.shape[0] // p, h.shape[1] // q
    if outer:  # B is the inner factor of the product
        return torch.stack([torch.stack([(h[i * p:(i + 1) * p, j * q:(j + 1) * q] * b).sum() for j in range(c)]) for i in range(r)])
    s = torch.zeros(r, c)
    for i in range(p):
        for j in range(q):
            s = s + b[i, j] * h[i * r:(i + 1) * r, j * c:(j + 1) * c]
    return s


def unvec(x, s):
    x = x.reshape(-1)
    return torch.stack([torch.stack([x[i + j * s.shape[0]] for j in range(s.shape[1])]) for i in range(s.shape[0])])


def vec(x):
    return torch.cat([x[:, j] for j in range(x.shape[1])]).reshape(-1, 1)


def norm(x):
    m = x.detach().abs().max()
    return (m * torch.sqrt(((x / m) ** 2).sum())).reshape(1, 1)


def softmax(x):
    return exp(x - lse(x))


def over(op):
    """An Iverson bracket."""
    return lambda x, z: op(x, z).to(torch.float64)


def argmax(x):
    return (torch.argmax(x, dim=axis(x), keepdim=True) + 1).to(torch.float64)


def prod(x):
    p = torch.ones(())
    for v in x.reshape(-1):
        p = p * v
    return p.reshape(1, 1)


F = {
    "exp/1": exp, "log/1": log, "log1p/1": torch.log1p, "expm1/1": expm1, "sqrt/1": torch.sqrt,
    "square/1": lambda x: x * x, "sin/1": torch.sin, "cos/1": torch.cos, "tan/1": torch.tan,
    "asin/1": torch.asin, "acos/1": torch.acos, "atan/1": torch.atan,
    "sinh/1": torch.sinh, "cosh/1": torch.cosh, "tanh/1": torch.tanh, "erf/1": torch.erf,
    "normpdf/1": phi, "normcdf/1": Phi, "sigmoid/1": torch.sigmoid,
    "softplus/1": lambda x: where(x > 0, x + torch.log1p(exp(-x.abs())), torch.log1p(exp(torch.clamp(x, max=0)))),
    "relu/1": torch.relu, "leakyrelu/2": lambda x, a: where(x > 0, x, a * x),
    "elu/2": lambda x, a: where(x > 0, x, a * expm1(torch.clamp(x, max=0))),
    "gelu/1": lambda x: x * Phi(x), "silu/1": lambda x: x * torch.sigmoid(x), "softsign/1": lambda x: x / (1 + x.abs()),
    "abs/1": torch.abs, "sign/1": torch.sign, "step/1": lambda x: (x >= 0).to(torch.float64) + 0 * x,
    "max/2": torch.maximum, "min/2": torch.minimum,
    "ge/2": over(torch.ge), "gt/2": over(torch.gt), "le/2": over(torch.le), "lt/2": over(torch.lt),
    "eq/2": over(torch.eq), "ne/2": over(torch.ne), "between/3": lambda x, a, b: ((x >= a) & (x <= b)).to(torch.float64),
    "tr/1": lambda x: sum(x[i, i] for i in range(x.shape[0])).reshape(1, 1), "det/1": lambda x: leibniz(x).reshape(1, 1),
    "logdet/1": lambda x: log(leibniz(x)).reshape(1, 1), "inv/1": torch.linalg.inv, "adj/1": lambda x: cofactors(x).T,
    "diag/1": diag, "expm/1": torch.matrix_exp,
    "kron/2": lambda a, b: torch.cat([torch.cat([a[i, j] * b for j in range(a.shape[1])], 1) for i in range(a.shape[0])]),
    "vec/1": vec, "sym/1": lambda x: (x + x.T) / 2, "dot/2": lambda a, b: total(a * b),
    "outer/2": lambda x, y: x.reshape(-1, 1) @ y.reshape(1, -1), "pi/0": lambda: torch.tensor([[math.pi]]),
    "norm/1": norm, "norm1/1": lambda x: total(x.abs()), "normnuc/1": lambda x: total(torch.linalg.svdvals(x)),
    "dexpm/2": dexpm, "d2expm/3": d2expm, "unvec/2": unvec,
    "unkronl/2": lambda h, b: blocks(h, b, True), "unkronr/2": lambda h, b: blocks(h, b, False),
    "polar/1": lambda x: (lambda u, s, v: u @ v)(*torch.linalg.svd(x, full_matrices=False)),
    "sum/1": total, "mean/1": lambda x: total(x) / x.numel(),
    "var/1": lambda x: total((x - x.sum() / x.numel()) ** 2) / x.numel(), "prod/1": prod,
    "rowsum/1": lambda x: x @ torch.ones(x.shape[1], 1), "colsum/1": lambda x: torch.ones(1, x.shape[0]) @ x,
    "rowmean/1": lambda x: x @ torch.ones(x.shape[1], 1) / x.shape[1], "colmean/1": lambda x: torch.ones(1, x.shape[0]) @ x / x.shape[0],
    "max/1": lambda x: x.max().reshape(1, 1), "min/1": lambda x: x.min().reshape(1, 1),
    "softmax/1": softmax, "logsoftmax/1": lambda x: x - lse(x), "logsumexp/1": lse, "argmax/1": argmax,
    "crossentropy/2": lambda y, p: -total(xlogy(y, p)), "KL/2": lambda p, q: total(xlogy(p, p / q)), "entropy/1": lambda p: -total(xlogy(p, p)),
}


def off(got, want, unit):
    """The largest error of an entry, relative to it, to the largest entry a little,
    and to unit, in which a rounding error is 2e-16, less than that."""
    if got.shape != want.shape:
        return math.inf
    finite = torch.isfinite(want)
    if not bool((torch.isfinite(got) == finite).all()):
        return math.inf
    if not bool(finite.all()):
        got, want = got[finite], want[finite]
    if got.numel() == 0:
        return 0.0
    return float(((got - want).abs() / (want.abs() + 1e-3 * want.abs().max() + 1e-4 * unit + 1e-290)).max())


def matrix(m):
    return torch.tensor([[float(v) for v in row] for row in m]).reshape(len(m), -1)


def main():
    calls = values = grads = left = 0
    worst = {"value": (0.0, ""), "gradient": (0.0, "")}
    missing, seen = set(), set()
    for line in sys.stdin:
        call = json.loads(line)
        fn = call["fn"]
        if fn not in F:
            missing.add(fn)
            continue
        seen.add(fn)
        calls += 1
        args = [matrix(a).requires_grad_() for a in call["args"] or []]
        y = F[fn](*args)

        def compare(kind, got, want, name, unit=0.0):
            e = off(got, want, unit)
            if e > worst[kind][0]:
                worst[kind] = (e, fn)
            if not e <= 1e-10:
                print(json.dumps({"fn": fn, "what": name, "args": call["args"], "got": got.tolist(), "want": want.tolist(), "error": e}))

        if not bool(torch.isfinite(y).all()):
            left += 1  # outside the domain
            continue
        compare("value", matrix(call["value"]), y.detach(), "value")
        values += y.numel()
        if not y.requires_grad or call["grads"] is None:
            continue
        (y * matrix(call["c"])).sum().backward()
        for i, (a, g) in enumerate(zip(args, call["grads"])):
            if g is None or a.grad is None or not bool(torch.isfinite(a.grad).all()):
                continue
            compare("gradient", matrix(g), a.grad, "gradient by argument %d" % (i + 1), float(matrix(call["c"]).abs().max()))
            grads += a.numel()
    print(json.dumps({"summary": "%d calls of %d functions, %d values, %d derivatives, %d outside the domain; largest error of a value %.1e (%s), of a derivative %.1e (%s)" % (
        calls, len(seen), values, grads, left, *worst["value"], *worst["gradient"]), "missing": sorted(missing)}))


main()
