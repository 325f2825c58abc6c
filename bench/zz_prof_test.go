package bench
import ("testing";"os";"strconv";"fmt")
func BenchmarkFamily(b *testing.B) {
	n,_ := strconv.Atoi(os.Getenv("N"))
	for _, f := range families { if f.name==os.Getenv("DUMP") { p := f.text(n); for b.Loop() { derive(b,p) } } }
}
func TestDump(t *testing.T) {
	if os.Getenv("DUMP")=="" { t.Skip() }
	n,_ := strconv.Atoi(os.Getenv("N"))
	for _, f := range families { if f.name==os.Getenv("DUMP") { if n==0 {n=f.n}; fmt.Print(f.text(n)) } }
}
