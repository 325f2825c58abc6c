package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf16"
)

// maxInput bounds what is read; the parser has its own, smaller bounds.
const maxInput = 16 << 20

// source is a program and where it came from.
type source struct {
	name string // file name, "<stdin>" or "<program>"
	text string
}

// read takes a PROGRAM, a FILE or "-". What names an existing file is a file;
// what looks like a path but does not exist is an error rather than a program.
func (s stdio) read(arg string) (source, error) {
	if arg == "-" {
		b, err := io.ReadAll(io.LimitReader(s.in, maxInput+1))
		if err != nil {
			return source{}, usage("cannot read standard input: %v", err)
		}
		return bounded("<stdin>", b)
	}
	if !plausiblePath(arg) {
		return source{"<program>", arg}, nil
	}
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		return source{}, usage("%s is a folder; give a program or a file", arg)
	case err == nil:
		return readFile(arg)
	case errors.Is(err, fs.ErrNotExist) && !looksLikePath(arg):
		return source{"<program>", arg}, nil
	case errors.Is(err, fs.ErrNotExist):
		return source{}, usage("there is no file %s", arg)
	}
	return source{}, usage("cannot read %s: %v", arg, plain(err))
}

func readFile(name string) (source, error) {
	f, err := os.Open(name)
	if err != nil {
		return source{}, usage("cannot read %s: %v", name, plain(err))
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxInput+1))
	if err != nil {
		return source{}, usage("cannot read %s: %v", name, plain(err))
	}
	return bounded(name, b)
}

func bounded(name string, b []byte) (source, error) {
	if len(b) > maxInput {
		return source{}, usage("%s holds more than %d MB", name, maxInput>>20)
	}
	return source{name, utf8Text(b)}, nil
}

// utf8Text reads what some editors and shells write: UTF-16 with its mark, and
// lines that end with a carriage return alone.
func utf8Text(b []byte) string {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}):
		order = binary.LittleEndian
	case bytes.HasPrefix(b, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	}
	if order != nil && len(b)%2 == 0 {
		units := make([]uint16, 0, len(b)/2)
		for b = b[2:]; len(b) > 0; b = b[2:] {
			units = append(units, order.Uint16(b))
		}
		b = []byte(string(utf16.Decode(units)))
	}
	if bytes.IndexByte(b, '\r') >= 0 && bytes.IndexByte(b, '\n') < 0 {
		b = bytes.ReplaceAll(b, []byte{'\r'}, []byte{'\n'})
	}
	return string(b)
}

// plain drops the operation and path that os puts before an error.
func plain(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// plausiblePath tells whether arg can name a file at all.
func plausiblePath(arg string) bool {
	return arg != "" && len(arg) < 4096 && !strings.ContainsAny(arg, "\n\x00")
}

// extensions that a program's text does not end in by chance.
var extensions = map[string]bool{".md": true, ".txt": true, ".tex": true, ".mat": true, ".matdiff": true, ".m": true, ".json": true}

func looksLikePath(arg string) bool {
	if strings.ContainsAny(arg, " =;\t") {
		return false
	}
	for _, prefix := range []string{"/", "./", "../", "~/"} { // no program begins so
		if strings.HasPrefix(arg, prefix) {
			return true
		}
	}
	return extensions[filepath.Ext(arg)]
}

func oneOf(flag, value string, allowed ...string) error {
	for _, a := range allowed {
		if value == a {
			return nil
		}
	}
	return usage("--%s is %s, not %q", flag, fmt.Sprint(strings.Join(allowed, "|")), value)
}
