package main

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var errorLine = regexp.MustCompile(`(?m)^error\[(E\d+)\]: (.*)$`)

// TestLanguage runs every program in the tables of docs/language.md and
// compares the reading, or the first error, with what stands beside it.
// -update rewrites the tables.
func TestLanguage(t *testing.T) {
	const name = "../../docs/language.md"
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	programs := 0
	for i, line := range lines {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		programs++
		program, _, _ := strings.Cut(strings.TrimPrefix(line, "| `"), "` |")
		reading, remarks := readingOf(strings.ReplaceAll(program, `\|`, "|"))
		lines[i] = "| `" + program + "` | " + cell(reading) + " | " + cell(remarks) + " |"
	}
	if programs == 0 {
		t.Error("the page has no program")
	}
	got := strings.Join(lines, "\n")
	if got == string(data) {
		return
	}
	if !*update {
		t.Errorf("%s (-page +printed; run with -update to accept)\n%s", name, cmp.Diff(string(data), got))
		return
	}
	if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
		t.Fatal(err)
	}
}

// readingOf returns how a program is read and what is said about it.
func readingOf(program string) (reading, remarks string) {
	out := execute([]string{"derive", "--no-verify", "--format", "json", "--", program})
	if m := errorLine.FindStringSubmatch(out); m != nil {
		help := regexp.MustCompile(`(?m)^  help: (.*)$`).FindStringSubmatch(out)
		if help == nil {
			return "error " + m[1] + ": " + m[2], ""
		}
		return "error " + m[1] + ": " + m[2], help[1]
	}
	var doc struct {
		Reading string
		Notes   []string
	}
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		return err.Error(), ""
	}
	return "`" + strings.ReplaceAll(doc.Reading, "\n", "; ") + "`", strings.Join(doc.Notes, "; ")
}

func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
