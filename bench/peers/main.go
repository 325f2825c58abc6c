// Command peers measures the generated code and its peers side by side in one
// run and prints what each costs, as a multiple of the generated code. It is a
// module of its own, so that matdiff stays light:
//
//	bench/peers/run
//
// Peers take turns, each for a few milliseconds of processor time, over many
// rounds, and the least of each counts: so a machine that others use as well
// gives the same ratios. All use one thread.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/blas/gonum"
	"gonum.org/v1/netlib/blas/netlib"

	"github.com/matdiff/matdiff/bench"
)

// peer is one way of computing a workload.
type peer struct {
	name  string
	run   func(n int) (time.Duration, error) // processor time of n calls
	n     int
	least float64 // nanoseconds a call
	bytes float64 // allocations a call, negative if not known
}

func main() {
	rounds := flag.Int("rounds", 12, "turns of each peer")
	turn := flag.Duration("turn", 8*time.Millisecond, "processor time of a turn")
	only := flag.String("only", "", "workloads whose names contain this")
	without := flag.String("without", "", "peers to leave out, by commas, such as gorgonia,gomlx")
	python := flag.String("python", "/usr/bin/python3", "Python with numpy and torch; empty for none")
	flag.Parse()
	runtime.GOMAXPROCS(1)
	py := startPython(*python)
	defer py.stop()
	fmt.Printf("%s; %s, one thread; µs of the generated code, then multiples of it\n", cpuModel(), runtime.Version())
	fmt.Printf("%-26s %10s %6s | %10s %7s %9s %7s %7s %7s | %9s %8s %8s %7s\n", "", "generated", "allocs", "mat.Dense", "blas64", "Gorgonia", "GoMLX", "PyTorch", "NumPy",
		"generated", "blas64", "PyTorch", "NumPy")
	fmt.Printf("%-26s %10s %6s | %10s %7s %9s %7s %7s %7s | %9s %8s %8s %7s\n", "", "gonum, µs", "", "gonum", "gonum", "", "", "OpenBLAS", "OpenBLAS",
		"OpenBLAS, µs", "OpenBLAS", "", "")
	for _, f := range bench.Workloads() {
		w := f()
		if !strings.Contains(w.Name, *only) {
			continue
		}
		peers := goPeers(w)
		if p := gorgoniaPeer(w.Name); p != nil {
			peers["gorgonia"] = p
		}
		if p := gomlxPeer(w.Name); p != nil {
			peers["gomlx"] = p
		}
		for _, lib := range []string{"torch", "numpy"} {
			if py != nil {
				peers[lib] = &peer{name: lib, run: py.runner(w.Name, lib)}
			}
		}
		for _, name := range strings.Split(*without, ",") {
			delete(peers, name)
		}
		measure(peers, *rounds, *turn)
		line(w.Name, peers)
	}
}

// line prints one row of the table.
func line(name string, p map[string]*peer) {
	over := func(base, k string) string {
		if p[k] == nil || p[k].least == 0 || p[base] == nil {
			return "–"
		}
		return fmt.Sprintf("%.2f", p[k].least/p[base].least)
	}
	fmt.Printf("%-26s %10.2f %6.0f | %10s %7s %9s %7s %7s %7s | %9.2f %8s %8s %7s\n", name, p["generated"].least/1000, max(p["generated"].bytes, p["generated openblas"].bytes),
		over("generated", "dense"), over("generated", "blas64"), over("generated", "gorgonia"), over("generated", "gomlx"), over("generated", "torch"), over("generated", "numpy"),
		p["generated openblas"].least/1000, over("generated openblas", "blas64 openblas"), over("generated openblas", "torch"), over("generated openblas", "numpy"))
}

// goPeers lists the runners of w on gonum's BLAS and on OpenBLAS.
func goPeers(w bench.Workload) map[string]*peer {
	out := make(map[string]*peer)
	for _, r := range w.Run {
		for _, open := range []bool{false, true} {
			name := r.Name
			if open {
				name += " openblas"
				blas64.Use(netlib.Implementation{})
			}
			allocs := testing.AllocsPerRun(3, func() { r.Step() })
			blas64.Use(gonum.Implementation{})
			out[name] = &peer{name: name, bytes: allocs, run: func(n int) (time.Duration, error) {
				if open {
					blas64.Use(netlib.Implementation{})
					defer blas64.Use(gonum.Implementation{})
				}
				start := bench.CPUTime()
				for range n {
					r.Step()
				}
				return bench.CPUTime() - start, nil
			}}
		}
	}
	return out
}

// measure lets the peers take turns.
func measure(peers map[string]*peer, rounds int, turn time.Duration) {
	for k, p := range peers {
		p.n = 1
		for {
			d, err := p.run(p.n)
			if err != nil {
				fmt.Fprintf(os.Stderr, "%s: %v\n", k, err)
				delete(peers, k)
				break
			}
			if d >= turn/2 {
				p.n = max(1, int(float64(p.n)*float64(turn)/float64(d)))
				break
			}
			p.n *= 2
		}
	}
	for range rounds {
		for _, p := range peers {
			d, err := p.run(p.n)
			if err != nil {
				continue
			}
			if x := float64(d.Nanoseconds()) / float64(p.n); p.least == 0 || x < p.least {
				p.least = x
			}
		}
	}
}

// pythonPeer runs peer.py, which measures on demand.
type pythonPeer struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func startPython(name string) *pythonPeer {
	if name == "" {
		return nil
	}
	c := exec.Command(name, "peer.py")
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		return nil
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil
	}
	if err := c.Start(); err != nil {
		fmt.Fprintf(os.Stderr, "no Python: %v\n", err)
		return nil
	}
	p := &pythonPeer{c, in, bufio.NewReader(out)}
	if s, err := p.out.ReadString('\n'); err == nil {
		fmt.Print(s)
	}
	return p
}

func (p *pythonPeer) stop() {
	if p != nil {
		p.in.Close()
		p.cmd.Wait()
	}
}

func (p *pythonPeer) runner(workload, lib string) func(int) (time.Duration, error) {
	return func(n int) (time.Duration, error) {
		fmt.Fprintf(p.in, "%s %s %d\n", workload, lib, n)
		s, err := p.out.ReadString('\n')
		if err != nil {
			return 0, err
		}
		var seconds float64
		if _, err := fmt.Sscan(s, &seconds); err != nil {
			return 0, fmt.Errorf("%s", strings.TrimSpace(s))
		}
		return time.Duration(seconds * 1e9), nil
	}
}

func cpuModel() string {
	b, _ := os.ReadFile("/proc/cpuinfo")
	for _, l := range strings.Split(string(b), "\n") {
		if k, v, ok := strings.Cut(l, ":"); ok && strings.TrimSpace(k) == "model name" {
			return fmt.Sprintf("%s, %d processors", strings.TrimSpace(v), runtime.NumCPU())
		}
	}
	return runtime.GOARCH
}
