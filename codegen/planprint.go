package codegen

func (g *goGen) printPlan(name string, p *plan) string { return "" }

func (g *goGen) problem(b interface{ WriteString(string) (int, error) }, grads []Gradient) {}

func (g *goGen) test(grads []Gradient) (File, error) { return File{}, nil }
