package diag

import "testing"

func TestNearest(t *testing.T) {
	names := []string{"derive", "verify", "check", "gen", "functions", "format", "steps"}
	for word, want := range map[string]string{
		"deriv": "derive", "derrive": "derive", "drive": "derive", "formt": "format", "fromat": "format", "Check": "check",
		"step": "steps", "ge": "", "gne": "gen", "nonsense": "", "": "", "x'x": "", "verfiy": "verify", "Überprüfe": "",
	} {
		if got := Nearest(word, names); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}
