package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

var codeSpan = regexp.MustCompile("`([^`]+)`")

// TestLecture runs the command of every row of docs/lecture.md and looks for
// what the row quotes of its output.
func TestLecture(t *testing.T) {
	t.Chdir("../..")
	data, err := os.ReadFile("docs/lecture.md")
	if err != nil {
		t.Fatal(err)
	}
	bar := strings.NewReplacer(`\|`, "\x00")
	rows := 0
	outputs := map[string]string{}
	for _, line := range strings.Split(string(data), "\n") {
		cells := strings.Split(bar.Replace(line), "|")
		if len(cells) != 6 || !strings.Contains(cells[4], "matdiff ") {
			continue
		}
		rows++
		command := strings.ReplaceAll(strings.Trim(cells[4], " `"), "\x00", "|")
		out, ok := outputs[command]
		if !ok {
			out = execute(shellWords(t, command)[1:])
			outputs[command] = out
		}
		if strings.Contains(out, "panic") || strings.Contains(out, "E901") {
			t.Errorf("%s\n%s", command, out)
		}
		quoted := codeSpan.FindAllStringSubmatch(strings.ReplaceAll(cells[3], "\x00", "|"), -1)
		if len(quoted) == 0 {
			t.Errorf("%s quotes nothing", cells[1])
		}
		for _, q := range quoted {
			if !strings.Contains(out, q[1]) {
				t.Errorf("%s: %s\ndoes not say %q but\n%s", strings.TrimSpace(cells[1]), command, q[1], out)
			}
		}
	}
	if rows < 30 {
		t.Errorf("the table has %d rows", rows)
	}
}
