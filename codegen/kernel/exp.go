package kernel

import "math"

// expTable holds 2^(j/64), and how much of it rounding took, relative to it.
var expTable = [64][2]float64{
	{0x1p+0, 0},
	{0x1.02c9a3e778061p+0, -0x1.160139cd8dc5dp-56},
	{0x1.059b0d3158574p+0, 0x1.cd2523567f613p-55},
	{0x1.0874518759bc8p+0, 0x1.0f74e61e6c861p-57},
	{0x1.0b5586cf9890fp+0, 0x1.79aa65d837b6dp-54},
	{0x1.0e3ec32d3d1a2p+0, 0x1.ebe3d702f9cd1p-60},
	{0x1.11301d0125b51p+0, -0x1.556522a2fbd0ep-54},
	{0x1.1429aaea92dep+0, -0x1.1c923b9d5f416p-54},
	{0x1.172b83c7d517bp+0, -0x1.01b15eaa59348p-55},
	{0x1.1a35beb6fcb75p+0, 0x1.b898c3f1353bfp-55},
	{0x1.1d4873168b9aap+0, 0x1.aecf73e3a2f6p-54},
	{0x1.2063b88628cd6p+0, 0x1.a6f4144a6c38dp-55},
	{0x1.2387a6e756238p+0, 0x1.68efde3a8a894p-54},
	{0x1.26b4565e27cddp+0, 0x1.0472b981fe7f2p-55},
	{0x1.29e9df51fdee1p+0, 0x1.2f7e16d09ab31p-55},
	{0x1.2d285a6e4030bp+0, 0x1.b3782720c0ab4p-55},
	{0x1.306fe0a31b715p+0, 0x1.34d754db0abb6p-55},
	{0x1.33c08b26416ffp+0, 0x1.fdd395dd3f84ap-55},
	{0x1.371a7373aa9cbp+0, -0x1.24aedcc4b5068p-54},
	{0x1.3a7db34e59ff7p+0, -0x1.1d1e83e9436d2p-56},
	{0x1.3dea64c123422p+0, 0x1.59f48a72a4c6dp-55},
	{0x1.4160a21f72e2ap+0, -0x1.8a78f4817895bp-58},
	{0x1.44e086061892dp+0, 0x1.363ed60c2ac11p-59},
	{0x1.486a2b5c13cdp+0, 0x1.ecce1daa10379p-57},
	{0x1.4bfdad5362a27p+0, 0x1.690cebb7aafbp-56},
	{0x1.4f9b2769d2ca7p+0, -0x1.f94340071a38ep-55},
	{0x1.5342b569d4f82p+0, -0x1.8dec6bd0f385fp-56},
	{0x1.56f4736b527dap+0, 0x1.3350518fdd78ep-54},
	{0x1.5ab07dd485429p+0, 0x1.063e1e21c5409p-54},
	{0x1.5e76f15ad2148p+0, 0x1.432e62b64c035p-54},
	{0x1.6247eb03a5585p+0, -0x1.c33c53bef4da8p-55},
	{0x1.6623882552225p+0, -0x1.3cedd78565858p-54},
	{0x1.6a09e667f3bcdp+0, -0x1.3b3efbf5e2228p-54},
	{0x1.6dfb23c651a2fp+0, -0x1.367efb86da9eep-57},
	{0x1.71f75e8ec5f74p+0, -0x1.81f647e5a3ecfp-56},
	{0x1.75feb564267c9p+0, -0x1.619321e55e68ap-55},
	{0x1.7a11473eb0187p+0, -0x1.b32dcb94da51dp-56},
	{0x1.7e2f336cf4e62p+0, 0x1.5ebe1abd66c55p-57},
	{0x1.82589994cce13p+0, -0x1.369b6f13b3734p-54},
	{0x1.868d99b4492edp+0, -0x1.4d450d872576ep-54},
	{0x1.8ace5422aa0dbp+0, 0x1.db72fc1f0eab4p-55},
	{0x1.8f1ae99157736p+0, 0x1.bf68359f35f44p-56},
	{0x1.93737b0cdc5e5p+0, -0x1.da9b88b6c1e29p-58},
	{0x1.97d829fde4e5p+0, -0x1.2434322f4f9aap-54},
	{0x1.9c49182a3f09p+0, 0x1.1affc2b91ce27p-56},
	{0x1.a0c667b5de565p+0, -0x1.7c50422622263p-55},
	{0x1.a5503b23e255dp+0, -0x1.1bbd1d3bcbb15p-54},
	{0x1.a9e6b5579fdbfp+0, 0x1.469846e735ab3p-55},
	{0x1.ae89f995ad3adp+0, 0x1.c1a7792cb3387p-55},
	{0x1.b33a2b84f15fbp+0, -0x1.5c3d956dcaebap-58},
	{0x1.b7f76f2fb5e47p+0, -0x1.8d6f438ad9334p-57},
	{0x1.bcc1e904bc1d2p+0, 0x1.4ffd70a5fddcdp-56},
	{0x1.c199bdd85529cp+0, 0x1.36eae30af0cb3p-56},
	{0x1.c67f12e57d14bp+0, 0x1.4e08fd10959acp-55},
	{0x1.cb720dcef9069p+0, 0x1.76b2c6c921968p-57},
	{0x1.d072d4a07897cp+0, -0x1.fad5d3ffffa6fp-55},
	{0x1.d5818dcfba487p+0, 0x1.4a385a63d07a7p-56},
	{0x1.da9e603db3285p+0, 0x1.e5a50d5c192acp-55},
	{0x1.dfc97337b9b5fp+0, -0x1.2d52107b43e1fp-55},
	{0x1.e502ee78b3ff6p+0, 0x1.4b604603a88d3p-56},
	{0x1.ea4afa2a490dap+0, -0x1.ff7128fd391fp-55},
	{0x1.efa1bee615a27p+0, 0x1.ec3bc41aa2008p-55},
	{0x1.f50765b6e454p+0, 0x1.a64a931d185eep-55},
	{0x1.fa7c1819e90d8p+0, 0x1.7893b4d91cd9dp-56},
}

// exp returns e^x to within an ulp: x = (64k+j)·log(2)/64 + r, and
// e^x = 2^k·2^(j/64)·e^r, with six terms of the series of e^r.
func exp(x float64) float64 {
	if !(x >= -708 && x <= 709) {
		return math.Exp(x)
	}
	const round = 0x1.8p52
	n := x*(64/math.Ln2) + round
	b := math.Float64bits(n)
	n -= round
	r := x - n*0x1.62e42fefp-7 - n*0x1.473de6af278edp-40
	t := &expTable[b&63]
	q := r * r
	p := t[1] + r + q*(0.5+r*(1.0/6)) + q*q*(1.0/24+r*(1.0/120)+q*(1.0/720))
	s := math.Float64frombits(math.Float64bits(t[0]) + b>>6<<52)
	return s + s*p
}

// tanh returns the hyperbolic tangent of x to within four ulp, also near 0:
// -e/(2+e) with e = e^(-2|x|) - 1, which keeps its digits near 0 since 2^k·2^(j/64) - 1 is exact.
func tanh(x float64) float64 {
	a := -2 * math.Abs(x)
	if !(a >= -44) {
		if a < -44 {
			return math.Copysign(1, x)
		}
		return x
	}
	const round = 0x1.8p52
	n := a*(64/math.Ln2) + round
	b := math.Float64bits(n)
	n -= round
	r := a - n*0x1.62e42fefp-7 - n*0x1.473de6af278edp-40
	t := &expTable[b&63]
	q := r * r
	p := t[1] + (r + (q*(0.5+r*(1.0/6)) + q*q*(1.0/24+r*(1.0/120)+q*(1.0/720))))
	s := math.Float64frombits(math.Float64bits(t[0]) + b>>6<<52)
	e := (s - 1) + s*p
	return math.Copysign(e/(2+e), x)
}

// logTable holds 1/(1+j/64) and log(1+j/64) in two parts.
var logTable = [65][3]float64{
	{0x1p+0, 0, 0},
	{0x1.f81f81f81f82p-1, 0x1.fc0a8b0fc03e4p-7, -0x1.83092c59642a1p-62},
	{0x1.f07c1f07c1f08p-1, 0x1.f829b0e7833p-6, 0x1.33e3f04f1ef23p-60},
	{0x1.e9131abf0b767p-1, 0x1.77458f632dcfcp-5, 0x1.18d3ca87b9296p-59},
	{0x1.e1e1e1e1e1e1ep-1, 0x1.f0a30c01162a6p-5, 0x1.85f325c5bbacdp-59},
	{0x1.dae6076b981dbp-1, 0x1.341d7961bd1d1p-4, -0x1.b599f227becbbp-58},
	{0x1.d41d41d41d41dp-1, 0x1.6f0d28ae56b4cp-4, -0x1.906d99184b992p-58},
	{0x1.cd85689039b0bp-1, 0x1.a926d3a4ad563p-4, 0x1.942f48aa70ea9p-58},
	{0x1.c71c71c71c71cp-1, 0x1.e27076e2af2e6p-4, -0x1.61578001e0162p-60},
	{0x1.c0e070381c0ep-1, 0x1.0d77e7cd08e59p-3, 0x1.9a5dc5e9030acp-57},
	{0x1.bacf914c1badp-1, 0x1.29552f81ff523p-3, 0x1.301771c407dbfp-57},
	{0x1.b4e81b4e81b4fp-1, 0x1.44d2b6ccb7d1ep-3, 0x1.9f4f6543e1f88p-57},
	{0x1.af286bca1af28p-1, 0x1.5ff3070a793d4p-3, -0x1.bc60efafc6f6ep-58},
	{0x1.a98ef606a63bep-1, 0x1.7ab890210d909p-3, 0x1.be36b2d6a0608p-59},
	{0x1.a41a41a41a41ap-1, 0x1.9525a9cf456b4p-3, 0x1.d904c1d4e2e26p-57},
	{0x1.9ec8e951033d9p-1, 0x1.af3c94e80bff3p-3, -0x1.398cff3641985p-58},
	{0x1.999999999999ap-1, 0x1.c8ff7c79a9a22p-3, -0x1.4f689f8434012p-57},
	{0x1.948b0fcd6e9ep-1, 0x1.e27076e2af2e6p-3, -0x1.61578001e0162p-59},
	{0x1.8f9c18f9c18fap-1, 0x1.fb9186d5e3e2bp-3, -0x1.caaae64f21acbp-57},
	{0x1.8acb90f6bf3aap-1, 0x1.0a324e27390e3p-2, 0x1.7dcfde8061c03p-56},
	{0x1.8618618618618p-1, 0x1.1675cababa60ep-2, 0x1.ce63eab883717p-61},
	{0x1.8181818181818p-1, 0x1.22941fbcf7966p-2, -0x1.76f5eb09628afp-56},
	{0x1.7d05f417d05f4p-1, 0x1.2e8e2bae11d31p-2, -0x1.8f4cdb95ebdf9p-56},
	{0x1.78a4c8178a4c8p-1, 0x1.3a64c556945eap-2, -0x1.c68651945f97cp-57},
	{0x1.745d1745d1746p-1, 0x1.4618bc21c5ec2p-2, 0x1.f42decdeccf1dp-56},
	{0x1.702e05c0b817p-1, 0x1.51aad872df82dp-2, 0x1.3927ac19f55e3p-59},
	{0x1.6c16c16c16c17p-1, 0x1.5d1bdbf5809cap-2, 0x1.4236383dc7fe1p-56},
	{0x1.6816816816817p-1, 0x1.686c81e9b14afp-2, -0x1.ddea0f7f58e3dp-57},
	{0x1.642c8590b2164p-1, 0x1.739d7f6bbd007p-2, -0x1.8c76ceb014b04p-56},
	{0x1.6058160581606p-1, 0x1.7eaf83b82afc3p-2, 0x1.92ce979ed295p-56},
	{0x1.5c9882b931057p-1, 0x1.89a3386c1425bp-2, -0x1.29639dfbbf0fbp-56},
	{0x1.58ed2308158edp-1, 0x1.947941c2116fbp-2, -0x1.16cc8bae0bbe4p-56},
	{0x1.5555555555555p-1, 0x1.9f323ecbf984cp-2, -0x1.a92e513217f5cp-59},
	{0x1.51d07eae2f815p-1, 0x1.a9cec9a9a084ap-2, -0x1.cadec02b436afp-56},
	{0x1.4e5e0a72f0539p-1, 0x1.b44f77bcc8f63p-2, -0x1.cd04495459c78p-56},
	{0x1.4afd6a052bf5bp-1, 0x1.beb4d9da71b7cp-2, -0x1.0f3c590a887cap-59},
	{0x1.47ae147ae147bp-1, 0x1.c8ff7c79a9a22p-2, -0x1.4f689f8434012p-56},
	{0x1.446f86562d9fbp-1, 0x1.d32fe7e00ebd5p-2, 0x1.877b232fafa37p-56},
	{0x1.4141414141414p-1, 0x1.dd46a04c1c4a1p-2, -0x1.0467656d8b892p-56},
	{0x1.3e22cbce4a902p-1, 0x1.e744261d68788p-2, -0x1.c825c90c344b9p-58},
	{0x1.3b13b13b13b14p-1, 0x1.f128f5faf06edp-2, -0x1.328df13bb38c3p-56},
	{0x1.3813813813814p-1, 0x1.faf588f78f31fp-2, -0x1.328260d8abcap-57},
	{0x1.3521cfb2b78c1p-1, 0x1.02552a5a5d0ffp-1, -0x1.cb1cb51408cp-56},
	{0x1.323e34a2b10bfp-1, 0x1.0723e5c1cdf4p-1, 0x1.395e58e2445bbp-55},
	{0x1.2f684bda12f68p-1, 0x1.0be72e4252a83p-1, -0x1.259da11330801p-55},
	{0x1.2c9fb4d812cap-1, 0x1.109f39e2d4c97p-1, -0x1.0e09b27a4373ap-60},
	{0x1.29e4129e4129ep-1, 0x1.154c3d2f4d5eap-1, -0x1.59c33171a6876p-55},
	{0x1.27350b8812735p-1, 0x1.19ee6b467c96fp-1, -0x1.9d1a11443f10cp-56},
	{0x1.2492492492492p-1, 0x1.1e85f5e7040dp-1, 0x1.ef62cd2f9f1e3p-56},
	{0x1.21fb78121fb78p-1, 0x1.23130d7bebf43p-1, -0x1.f48725e374d6ep-55},
	{0x1.1f7047dc11f7p-1, 0x1.2795e1289b11bp-1, -0x1.487c0c246978ep-57},
	{0x1.1cf06ada2811dp-1, 0x1.2c0e9ed448e8cp-1, -0x1.1a158f3917586p-55},
	{0x1.1a7b9611a7b96p-1, 0x1.307d7334f10bep-1, 0x1.fb590a1f566dap-57},
	{0x1.1811811811812p-1, 0x1.34e289d9ce1d3p-1, 0x1.6eb92d885ce4fp-57},
	{0x1.15b1e5f75270dp-1, 0x1.393e0d3562a1ap-1, -0x1.58eef67f2483ap-55},
	{0x1.135c81135c811p-1, 0x1.3d9026a7156fbp-1, -0x1.6fef670bd4b62p-55},
	{0x1.1111111111111p-1, 0x1.41d8fe84672aep-1, 0x1.9192f30bd1806p-55},
	{0x1.0ecf56be69c9p-1, 0x1.4618bc21c5ec2p-1, 0x1.f42decdeccf1dp-55},
	{0x1.0c9714fbcda3bp-1, 0x1.4a4f85db03ebbp-1, 0x1.13dfa3d3761b6p-60},
	{0x1.0a6810a6810a7p-1, 0x1.4e7d811b75bb1p-1, -0x1.8d3d9ea6e9ea9p-55},
	{0x1.0842108421084p-1, 0x1.52a2d265bc5abp-1, -0x1.1883750ea4d0ap-57},
	{0x1.0624dd2f1a9fcp-1, 0x1.56bf9d5b3f399p-1, 0x1.0471885cd8ff3p-55},
	{0x1.041041041041p-1, 0x1.5ad404c359f2dp-1, -0x1.35955683f7196p-59},
	{0x1.0204081020408p-1, 0x1.5ee02a9241675p-1, 0x1.c358257f49082p-55},
	{0x1p-1, 0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56},
}

// log1pUnit returns log(1+e) for e in [0, 1]: log(1+c) + log(1+u), with c the
// nearest 64th and u = (e-c)/(1+c), by eight terms of the series.
func log1pUnit(e float64) float64 {
	if !(e >= 0 && e <= 1) {
		return math.Log1p(e)
	}
	const round = 0x1.8p46 // its last bit is a 64th
	c := e + round
	t := &logTable[math.Float64bits(c)&127]
	u := (e - (c - round)) * t[0]
	q := u * u
	return t[1] + (t[2] + (u - q*((0.5-u*(1.0/3))+q*((0.25-u*(1.0/5))+q*(1.0/6-u*(1.0/7)+q*(1.0/8))))))
}
