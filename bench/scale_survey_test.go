package bench

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/matdiff/matdiff/render"
)

func TestSurvey(t *testing.T) {
	if os.Getenv("SURVEY") == "" {
		t.Skip()
	}
	for _, f := range families {
		if w := os.Getenv("SURVEY"); w != "all" && !strings.Contains(f.name, w) {
			continue
		}
		line := fmt.Sprintf("%-20s", f.name)
		var pt time.Duration
		var pn, pb int
		for k := 1; k <= 16; k *= 2 {
			p := f.text(f.n * k)
			var tm timer
			tm.start()
			d := derive(t, p)
			tm.stop()
			nodes := d.Program.B.Len()
			bytes := len(d.Doc().Text(render.Options{}))
			line += fmt.Sprintf(" |%5d %8.1fms", f.n*k, float64(tm.best.Microseconds())/1000)
			if pt > 0 {
				line += fmt.Sprintf(" %4.1f nodes %7d %4.1f bytes %7d %4.1f", float64(tm.best)/float64(pt), nodes, float64(nodes)/float64(pn), bytes, float64(bytes)/float64(pb))
			}
			pt, pn, pb = tm.best, nodes, bytes
			if tm.best > 3*time.Second {
				break
			}
		}
		fmt.Println(line)
	}
}
