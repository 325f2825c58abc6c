package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"
)

// The schema of the language's description, written down once more: a key that
// is missing, unknown, of another type or out of order fails.
type (
	wantDoc struct {
		Schema    *int    `json:"schema"`
		Input     *string `json:"input"`
		Reading   *string `json:"reading"`
		Notes     []string
		Objective *string
		Variables []struct {
			Name       *string
			Shape      []string
			Properties []string
			Inferred   *bool
		}
		Lets []struct {
			Name               *string
			Shape              []string
			ASCII, Text, LaTeX *string
		}
		Gradients []struct {
			Wrt                *string
			Shape              []string
			ASCII, Text, LaTeX *string
			Verified           *bool
			MaxRelError        *float64 `json:"max_rel_error"`
			Note, Reason       string
		}
		Steps []struct {
			N                  *int
			ASCII, Text, LaTeX *string
			Rule               *string
			Comment            string
		}
		Verification *struct {
			Step         *float64
			Points, Seed *int
			Sizes        map[string]int
		}
	}
)

// keys lists the keys of the objects of a JSON text in order, by path.
func keys(t *testing.T, data []byte) map[string][]string {
	t.Helper()
	out := make(map[string][]string)
	d := json.NewDecoder(bytes.NewReader(data))
	var value func(path string)
	value = func(path string) {
		tok, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		switch tok {
		case json.Delim('{'):
			var list []string
			for d.More() {
				k, err := d.Token()
				if err != nil {
					t.Fatal(err)
				}
				list = append(list, k.(string))
				value(path + "." + k.(string))
			}
			d.Token()
			out[path] = list
		case json.Delim('['):
			for d.More() {
				value(path + "[]")
			}
			d.Token()
		}
	}
	value("")
	if _, err := d.Token(); err != io.EOF {
		t.Errorf("more than one JSON value: %v", err)
	}
	return out
}

// without drops the keys that are there only when they have something to say.
func without(list []string, optional ...string) []string {
	var out []string
	for _, k := range list {
		keep := true
		for _, o := range optional {
			keep = keep && k != o
		}
		if keep {
			out = append(out, k)
		}
	}
	return out
}

func output(t *testing.T, code int, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	got := run(context.Background(), args, stdio{in: strings.NewReader(""), out: &out, err: &errs, getenv: func(string) string { return "" }})
	if got != code {
		t.Fatalf("matdiff %q: exit code %d, want %d\n%s%s", args, got, code, out.String(), errs.String())
	}
	if code != exitInput && errs.Len() > 0 {
		t.Errorf("matdiff %q: on stderr: %s", args, errs.String())
	}
	if code == exitInput && (out.Len() > 0 || errs.Len() == 0) {
		t.Errorf("matdiff %q: a result on stdout or nothing on stderr: %s", args, out.String())
	}
	return out.String()
}

func TestJSONSchema(t *testing.T) {
	for _, c := range []struct {
		args []string
		look func(d *wantDoc) error
	}{
		{[]string{"Q = sum(Y .* logsoftmax(XW+b))"}, func(d *wantDoc) error {
			if len(d.Lets) != 1 || len(d.Gradients) != 4 || !*d.Variables[0].Inferred || *d.Lets[0].Name != "R" {
				return fmt.Errorf("lets %d, gradients %d", len(d.Lets), len(d.Gradients))
			}
			if got := d.Gradients[3].Shape; !reflect.DeepEqual(got, []string{"1", "K"}) {
				return fmt.Errorf("shape of b is %v", got)
			}
			return nil
		}},
		{[]string{"--wrt", "x", "A: n×p; b: n; x: p; Q = norm(A*x - b)^2"}, func(d *wantDoc) error {
			if *d.Objective != "Q" || len(d.Gradients) != 1 || *d.Gradients[0].ASCII != "2*A'*(A*x - b)" {
				return fmt.Errorf("%s, %s", *d.Objective, *d.Gradients[0].ASCII)
			}
			return nil
		}},
		{[]string{"--wrt", "x", "--no-verify", "x: n; Q = x'x"}, func(d *wantDoc) error {
			if d.Verification != nil || *d.Gradients[0].Verified || d.Gradients[0].MaxRelError != nil || d.Gradients[0].Reason == "" {
				return fmt.Errorf("not marked unverified")
			}
			return nil
		}},
		{[]string{"--wrt", "A", "A: n×m; s: scalar; x: n; Q = x'x"}, func(d *wantDoc) error {
			if *d.Gradients[0].ASCII != "zeros(n, m)" || len(d.Notes) != 1 || !strings.Contains(d.Notes[0], "does not depend on A") {
				return fmt.Errorf("%s %v", *d.Gradients[0].ASCII, d.Notes)
			}
			return nil
		}},
		{[]string{"--wrt", "s", "s: scalar; x: n; Q = x'x"}, func(d *wantDoc) error {
			if *d.Gradients[0].ASCII != "0" || !reflect.DeepEqual(d.Gradients[0].Shape, []string{"1", "1"}) {
				return fmt.Errorf("%s", *d.Gradients[0].ASCII)
			}
			return nil
		}},
		{[]string{"--layout", "numerator", "--wrt", "W", "X: N×D; W: D×K; Q = sum(X W)"}, func(d *wantDoc) error {
			if !reflect.DeepEqual(d.Gradients[0].Shape, []string{"K", "D"}) {
				return fmt.Errorf("shape %v", d.Gradients[0].Shape)
			}
			return nil
		}},
		{[]string{"Z = X W + 1b'"}, func(d *wantDoc) error {
			if *d.Objective != "Z" || *d.Gradients[1].ASCII != "X'*(dQ/dZ)" {
				return fmt.Errorf("%s %s", *d.Objective, *d.Gradients[1].ASCII)
			}
			return nil
		}},
		{[]string{"--seed", "42", "S: n×n spd; Y: n×n onehot; x: n const; Q = log det S + tr(S Y) + x'S x"}, func(d *wantDoc) error {
			if *d.Verification.Seed != 42 || !reflect.DeepEqual(d.Variables[0].Properties, []string{"spd"}) || d.Variables[2].Properties[0] != "const" {
				return fmt.Errorf("%v", d.Variables)
			}
			return nil
		}},
		{[]string{"x'Q x < y"}, nil},
	} {
		args := append([]string{"derive", "--format", "json"}, c.args...)
		if c.look == nil {
			output(t, exitInput, args...)
			continue
		}
		data := []byte(output(t, exitRight, args...))
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.DisallowUnknownFields()
		var d wantDoc
		if err := dec.Decode(&d); err != nil {
			t.Errorf("%q: %v", args, err)
			continue
		}
		if *d.Schema != 1 || *d.Input != args[len(args)-1] || d.Notes == nil || d.Lets == nil || d.Steps == nil || len(d.Steps) == 0 {
			t.Errorf("%q: a key lacks its value: %s", args, data)
		}
		for _, g := range d.Gradients {
			if *g.Verified != (g.Reason == "") && *g.Verified == false || len(g.Shape) != 2 {
				t.Errorf("%q: gradient by %s", args, *g.Wrt)
			}
		}
		if v := d.Verification; v != nil && (math.Abs(*v.Step-6.055e-6) > 1e-9 || *v.Points < 7) {
			t.Errorf("%q: step %g, %d points", args, *v.Step, *v.Points)
		}
		if err := c.look(&d); err != nil {
			t.Errorf("%q: %v\n%s", args, err, data)
		}
		k := keys(t, data)
		for path, want := range map[string][]string{
			"":              {"schema", "input", "reading", "notes", "objective", "variables", "lets", "gradients", "steps", "verification"},
			".variables[]":  {"name", "shape", "properties", "inferred"},
			".lets[]":       {"name", "shape", "ascii", "text", "latex"},
			".gradients[]":  {"wrt", "shape", "ascii", "text", "latex", "verified", "max_rel_error"},
			".steps[]":      {"n", "ascii", "text", "latex", "rule"},
			".verification": {"step", "points", "seed", "sizes"},
		} {
			got := without(k[path], "note", "reason", "comment")
			if k[path] != nil && !reflect.DeepEqual(got, want) {
				t.Errorf("%q: keys of %q are %v, want %v", args, path, got, want)
			}
		}
	}
}

// Equal input gives equal bytes, in every format.
func TestBytesRepeat(t *testing.T) {
	for _, format := range []string{"text", "ascii", "latex", "markdown", "json"} {
		args := []string{"derive", "--steps", "--format", format, "Q = sum(Y .* logsoftmax(tanh(X V) W + b)) + λ norm(W)^2"}
		first := output(t, exitRight, args...)
		for range 3 {
			if output(t, exitRight, args...) != first {
				t.Errorf("%s differs from run to run", format)
			}
		}
	}
}
