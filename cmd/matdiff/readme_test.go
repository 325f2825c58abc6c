package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// figures of the verification depend on the machine.
var figures = regexp.MustCompile(`\d(\.\d+)?e-\d+`)

// TestREADME runs every "$ matdiff …" of the README's code blocks and compares
// what it prints with what stands there. "$ cat FILE" shows a file that later
// commands read. A line "…" stands for any lines. -update rewrites the blocks
// that have no such line.
func TestREADME(t *testing.T) {
	const name = "../../README.md"
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	abs, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	parts := strings.Split(string(data), "```")
	commands := 0
	for i := 1; i < len(parts); i += 2 {
		lang, block, _ := strings.Cut(parts[i], "\n")
		if lang != "" || !strings.HasPrefix(block, "$ ") {
			continue
		}
		var out strings.Builder
		for _, c := range strings.Split("\n"+block, "\n$ ")[1:] {
			line, want, _ := strings.Cut(c, "\n")
			got := want
			args := shellWords(t, line)
			switch args[0] {
			case "cat":
				if err := os.WriteFile(args[1], []byte(strings.TrimRight(want, "\n")+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			case "matdiff":
				commands++
				got = execute(args[1:])
				if strings.Contains("\n"+want, "\n…") {
					if !matches(want, got) {
						t.Errorf("$ %s\nprints\n%s\nnot\n%s", line, got, want)
					}
					got = want
				}
			default:
				t.Errorf("no way to run %q", line)
			}
			got, want = strings.TrimRight(got, "\n"), strings.TrimRight(want, "\n")
			if mask(got) == mask(want) {
				got = want
			} else if !*update {
				t.Errorf("$ %s (-README +printed; run with -update to accept)\n%s", line, cmp.Diff(want, got))
			}
			out.WriteString("$ " + line + "\n" + got + "\n")
		}
		parts[i] = "\n" + out.String()
	}
	if commands == 0 {
		t.Error("the README shows no command")
	}
	if *update {
		if err := os.WriteFile(abs, []byte(strings.Join(parts, "```")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func mask(s string) string { return figures.ReplaceAllString(s, "…") }

// execute runs the command and returns what a terminal would show.
func execute(args []string) string {
	var out bytes.Buffer
	run(context.Background(), args, stdio{in: strings.NewReader(""), out: &out, err: &out, getenv: func(string) string { return "" }})
	return out.String()
}

// matches compares output with text in which a line "…" stands for any lines.
func matches(want, got string) bool {
	got = mask(got)
	for i, piece := range strings.Split("\n"+strings.TrimRight(want, "\n"), "\n…") {
		piece = mask(strings.Trim(piece, "\n"))
		at := strings.Index(got, piece)
		if at < 0 || i == 0 && at > 0 {
			return false
		}
		got = got[at+len(piece):]
	}
	return true
}

// shellWords splits a command line as a shell does, quotes included.
func shellWords(t *testing.T, line string) []string {
	t.Helper()
	var words []string
	var word strings.Builder
	quote, open := rune(0), false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, open = r, true
		case r == ' ':
			if word.Len() > 0 || open {
				words = append(words, word.String())
				word.Reset()
				open = false
			}
		default:
			word.WriteRune(r)
		}
	}
	if quote != 0 {
		t.Fatalf("quote not closed: %s", line)
	}
	if word.Len() > 0 || open {
		words = append(words, word.String())
	}
	return words
}
