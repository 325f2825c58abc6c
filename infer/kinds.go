package infer

import (
	"slices"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
)

// kindReadings are what x: vector and A: matrix leave open: the sizes.
var kindReadings = map[string][]reading{
	"vector": {{asCol, 0}}, "row": {{asRow, 0}}, "matrix": {{asMatrix, 0}}, "square": {{asMatrix, 0}},
}

// declareKind enters the names of x, y: vector, whose sizes are inferred.
func (in *inferrer) declareKind(d *ast.Decl) {
	for _, id := range d.Names {
		if old := in.env.lookup(id.Name); old != nil {
			switch {
			case old.kind == symSize:
				in.sizeClash(old, id.Span, "variable")
			case old.kind == symLost:
			case old.named && old.readings[0].class == kindReadings[d.Kind][0].class, old.declared && old.kind == symVar && isKind(d.Kind, old.known):
				if old.declared {
					in.setProps(old, d.Props)
				} else {
					old.assumed = append(old.assumed, d.Props...)
					old.square = old.square || d.Kind == "square"
				}
			default:
				in.add(&diag.Diagnostic{Code: "E222", Message: id.Text + " is declared twice", Labels: []diag.Label{{Span: id.Span}, {Span: old.span, Text: "declared here"}},
					Help: "keep one of the declarations"})
			}
			continue
		}
		s := in.env.put(&symbol{kind: symVar, name: id.Name, span: id.Span, named: true})
		in.openName(s, id.Name)
		s.readings, s.square = kindReadings[d.Kind], d.Kind == "square"
		s.assumed = append(s.assumed, d.Props...)
	}
}

// isKind tells whether a shape is of the kind named.
func isKind(kind string, s expr.Shape) bool {
	switch kind {
	case "vector":
		return s.C.IsOne()
	case "row":
		return s.R.IsOne()
	case "square":
		return s.IsSquare()
	}
	return true
}

// sizedNow gives a name that was said to be a vector or a matrix its sizes; it
// tells whether they are of that kind.
func (in *inferrer) sizedNow(s *symbol, shp expr.Shape, props []ast.Ident) bool {
	kind := map[class]string{asCol: "vector", asRow: "row", asMatrix: "matrix"}[s.readings[0].class]
	if s.square {
		kind = "square"
	}
	if !isKind(kind, shp) {
		return false
	}
	in.close(s)
	s.named, s.declared, s.known = false, true, shp
	in.setProps(s, append(s.assumed, props...))
	s.assumed = nil
	return true
}

// close takes a name out of those whose reading is chosen.
func (in *inferrer) close(s *symbol) {
	in.env.open = slices.DeleteFunc(in.env.open, func(o *symbol) bool { return o == s })
	s.idx = -1
	for i, o := range in.env.open {
		o.idx = i
	}
}
