"""The peers in Python, measured on demand for main.go: PyTorch autograd, and the
NumPy modules that matdiff generates.

A line "workload library n" on standard input is answered by the seconds of
processor time of n values and gradients.
"""
import importlib
import math
import os
import sys
import time

import numpy as np

try:
    import torch
    torch.set_num_threads(1)
except ImportError:
    torch = None

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
rng = np.random.default_rng(1)


def normal(*shape):
    return rng.standard_normal(shape) / math.sqrt(shape[-1])


def onehot(n, k):
    return np.eye(k)[rng.integers(0, k, n)]


def softmaxregression(n, d, k):
    v = dict(X=normal(n, d), W=normal(d, k), b=normal(1, k), Y=onehot(n, k))
    return v, ["W", "b"], lambda t: -(t["Y"] * torch.log_softmax(t["X"] @ t["W"] + t["b"], 1)).sum() / n


def logisticregression(n, d):
    v = dict(X=normal(n, d), w=normal(d, 1), y=rng.integers(0, 2, (n, 1)).astype(float))

    def q(t):
        z = t["X"] @ t["w"]
        return (torch.nn.functional.softplus(z) - t["y"] * z).sum() / n
    return v, ["w"], q


def mlp(n, d, h, k):
    v = dict(X=normal(n, d), W=normal(d, h), b=normal(1, h), V=normal(h, k), c=normal(1, k), Y=onehot(n, k))

    def q(t):
        a = torch.tanh(t["X"] @ t["W"] + t["b"])
        return -(t["Y"] * torch.log_softmax(a @ t["V"] + t["c"], 1)).sum() / n
    return v, ["W", "b", "V", "c"], q


def leastsquares(n, d):
    v = dict(A=normal(n, d), x=normal(d, 1), b=normal(n, 1))
    return v, ["x"], lambda t: 0.5 * ((t["A"] @ t["x"] - t["b"]) ** 2).sum()


def factorisation(n, m, k):
    v = dict(R=normal(n, m), U=normal(n, k), V=normal(m, k))
    return v, ["U", "V"], lambda t: 0.5 * ((t["R"] - t["U"] @ t["V"].T) ** 2).sum()


def gaussian(n, d):
    B = normal(d, d)
    v = dict(X=normal(n, d), m=normal(d, 1), S=B @ B.T + np.eye(d))

    def q(t):
        e = t["X"] - t["m"].T
        u = torch.linalg.cholesky(t["S"])
        z = torch.linalg.solve_triangular(u, e.T, upper=False)
        return n * torch.log(torch.diagonal(u)).sum() + 0.5 * (z * z).sum()
    return v, ["S", "m"], q


def attention(n, d):
    v = dict(Q=normal(n, d), K=normal(n, d), V=normal(n, d), T=normal(n, d))

    def q(t):
        s = torch.softmax(t["Q"] @ t["K"].T / math.sqrt(d), 1)
        return 0.5 * ((s @ t["V"] - t["T"]) ** 2).sum()
    return v, ["Q", "K", "V"], q


names = dict(softmax=softmaxregression, logistic=logisticregression)
made = {}


def make(workload):
    """Return the steps of a workload by library; both give the same gradients."""
    if workload in made:
        return made[workload]
    name, sizes = workload.split("/")
    case = names.get(name) or globals()[name]
    v, wrt, q = case(*map(int, sizes.split("x")))
    module = importlib.import_module(case.__name__)
    steps = {"numpy": lambda: module.value_and_grad(**v)}
    if torch:
        t = {k: torch.tensor(x, requires_grad=k in wrt) for k, x in v.items()}

        def step():
            for k in wrt:
                t[k].grad = None
            q(t).backward()
        value, grads = module.value_and_grad(**v)
        step()
        assert abs(q(t).item() - value) < 1e-9 * abs(value), workload
        for k in wrt:
            assert np.allclose(t[k].grad.numpy(), grads[k], atol=1e-9), (workload, k)
        steps["torch"] = step
    made.clear()
    made[workload] = steps
    return steps


print("Python", sys.version.split()[0], "NumPy", np.__version__, "PyTorch", torch.__version__ if torch else "none", flush=True)
for line in sys.stdin:
    workload, lib, n = line.split()
    try:
        step = make(workload)[lib]
        step()
        start = time.process_time()
        for _ in range(int(n)):
            step()
        print(time.process_time() - start, flush=True)
    except Exception as e:  # reported, so that the other peers go on
        print("error:", repr(e).replace("\n", " "), flush=True)
