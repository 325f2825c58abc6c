package rules

// Sources of the NumPy functions that have no name in NumPy itself.

const numpyDiag = `def _diag(x):
    if x.shape[0] == 1 or x.shape[1] == 1:
        return np.diag(x.ravel())
    return np.diag(x).reshape(-1, 1)
`

// Scaling and squaring with a Taylor series of the scaled matrix.
const numpyExpm = `def _expm(x):
    n = np.linalg.norm(x, 1)
    k = max(0, int(np.ceil(np.log2(n))) + 1) if n > 0.5 else 0
    x = x / 2.0**k
    y = t = np.eye(x.shape[0])
    for i in range(1, 19):
        t = t @ x / i
        y = y + t
    for _ in range(k):
        y = y @ y
    return y
`

// A derivative is linear in its direction, but the exponential of a matrix that
// holds a long one loses digits, so directions are scaled to 1.
const numpyDexpm = `def _dexpm(x, e):
    n, s = x.shape[0], np.max(np.abs(e)) or 1.0
    return s * _expm(np.block([[x, e / s], [np.zeros((n, n)), x]]))[:n, n:]
`

const numpyD2expm = `def _d2expm(x, e, f):
    n, s, t = x.shape[0], np.max(np.abs(e)) or 1.0, np.max(np.abs(f)) or 1.0
    z, e, f = np.zeros((n, n)), e / s, f / t
    return s * t * _expm(np.block([[x, e, f, z], [z, x, z, f], [z, z, x, e], [z, z, z, x]]))[:n, 3*n:]
`

const numpyPolar = `def _polar(x):
    u, _, vt = np.linalg.svd(x, full_matrices=False)
    return u @ vt
`

var numpyUnkron = map[string]string{
	"unkronl": `def _unkronl(h, b):
    p, q = b.shape
    t = h.reshape(h.shape[0] // p, p, h.shape[1] // q, q)
    return np.einsum('ikjl,kl->ij', t, b)
`,
	"unkronr": `def _unkronr(h, b):
    m, n = b.shape
    t = h.reshape(m, h.shape[0] // m, n, h.shape[1] // n)
    return np.einsum('ikjl,ij->kl', t, b)
`,
}

const numpySigmoid = `def _sigmoid(x):
    return np.exp(-np.logaddexp(0, -x))
`

const numpyLogDet = `def _logdet(x):
    sign, l = np.linalg.slogdet(x)
    return l if sign >= 0 else np.nan
`

const numpyProdrest = `def _prodrest(x):
    p = np.concatenate(([1.0], x.ravel(), [1.0]))
    return (np.cumprod(p[:-2]) * np.cumprod(p[:1:-1])[::-1]).reshape(x.shape)
`

const numpyLogSoftmax = `def _logsoftmax(x, axis):
    d = x - np.max(x, axis=axis, keepdims=True)
    return d - np.log(np.sum(np.exp(d), axis=axis, keepdims=True))
`

const numpySoftmax = `def _softmax(x, axis):
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)
`

const numpyLogSumExp = `def _logsumexp(x, axis):
    m = np.max(x, axis=axis, keepdims=True)
    m = np.where(np.isinf(m), 0.0, m)
    return m + np.log(np.sum(np.exp(x - m), axis=axis, keepdims=True))
`

const numpyArgmax = `def _argmax(x, axis):
    return np.argmax(x, axis=axis, keepdims=True) + 1.0
`

const numpyXlogy = `def _xlogy(x, y):
    return np.where(x == 0, 0.0, x * np.log(np.where(x == 0, 1.0, y)))
`

// Entries are brought near 1, so that their squares neither overflow nor vanish.
const numpyNorm = `def _norm(x):
    m = np.max(np.abs(x))
    return m * np.linalg.norm(x / m) if 0 < m < np.inf else m
`
