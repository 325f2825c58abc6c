package main

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/matdiff/matdiff/diag"
)

// TestExplainedExamples runs every example that explain shows: the bad one
// gives its code, the good one none.
func TestExplainedExamples(t *testing.T) {
	codes := regexp.MustCompile(`error\[(E\d+)\]`)
	words := regexp.MustCompile(`"([^"]*)"|(\S+)`)
	command := func(program, verb string) string {
		args := []string{verb, "-"}
		if line, ok := strings.CutPrefix(program, "matdiff "); ok {
			args = args[:0]
			for _, m := range words.FindAllStringSubmatch(line, -1) {
				args = append(args, m[1]+m[2])
			}
		}
		var out, err bytes.Buffer
		run(context.Background(), args, stdio{in: strings.NewReader(program), out: &out, err: &err, getenv: func(string) string { return "" }})
		return err.String()
	}
	for _, c := range diag.Codes() {
		if c.Bad == "" {
			continue
		}
		verb := "derive"
		if strings.Contains(c.Good, "dQ/") || strings.Contains(c.Good, "∂Q/") {
			verb = "verify" // claims
		}
		bad, good := command(c.Bad, verb), command(c.Good, verb)
		found := false
		for _, m := range codes.FindAllStringSubmatch(bad, -1) {
			found = found || m[1] == c.ID
		}
		if !found {
			t.Errorf("%s: the example %q gives %s", c.ID, c.Bad, bad)
		}
		if strings.Contains(good, "error") {
			t.Errorf("%s: the mended example %q gives %s", c.ID, c.Good, good)
		}
	}
}
