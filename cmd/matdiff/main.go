// Command matdiff derives, generates, checks and verifies matrix derivatives.
//
//	PROGRAM | FILE | -  ──▶ input ──▶ package matdiff ──▶ render ──▶ stdout
//	                                        └─ diagnostics ──▶ stderr
//
// It holds no mathematics: it reads its input, calls the library and prints.
//
// Exit codes: 0 right, 1 a claim or a verification is wrong, 2 the input is at
// fault (usage, syntax, shape), 3 cannot decide.
package main

import (
	"context"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], stdio{in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.Getenv}))
}
