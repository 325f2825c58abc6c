package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
)

// The exit codes.
const (
	exitRight     = 0
	exitWrong     = 1
	exitInput     = 2
	exitUndecided = 3
)

// exit is an error with its exit code. An empty message means that the
// result, already printed, says it.
type exit struct {
	code int
	msg  string
}

func (e *exit) Error() string { return e.msg }

func usage(format string, args ...any) error {
	return &exit{exitInput, fmt.Sprintf(format, args...)}
}

// codeOf tells the exit code of an error: what is wrong with the input is 2,
// an exhausted budget or deadline is 3.
func codeOf(err error) int {
	var e *exit
	var budget *expr.BudgetError
	switch {
	case err == nil:
		return exitRight
	case errors.As(err, &e):
		return e.code
	case errors.As(err, &budget), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return exitUndecided
	}
	return exitInput
}

// message prints an error for stderr, diagnostics with source lines.
func message(err error, file string, colour bool) string {
	var list *diag.List
	if errors.As(err, &list) {
		if list.File == "" {
			list.File = file
		}
		return list.Format(colour)
	}
	var one *diag.Diagnostic
	if errors.As(err, &one) {
		s := one.Error() + "\n"
		if one.Help != "" {
			s += "  help: " + one.Help + "\n"
		}
		return s
	}
	if err.Error() == "" {
		return ""
	}
	return "error: " + err.Error() + "\n"
}
