package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/matdiff/matdiff/diag"
)

// outputs are files that are written all or none: each is written beside its
// place first, and they are renamed when all of them are there, so that no
// failure leaves a part of a file or a file without its companion.
type outputs struct{ files []pending }

type pending struct{ tmp, name string }

// add writes data beside name.
func (o *outputs) add(name string, data []byte) error {
	if err := writable(name); err != nil {
		return err
	}
	mode := fs.FileMode(0o644)
	if real, err := filepath.EvalSymlinks(name); err == nil {
		info, err := os.Stat(real)
		if err == nil && !info.Mode().IsRegular() {
			// A device or a pipe, such as /dev/null, is written to and stays.
			return unwritable(name, os.WriteFile(real, data, 0))
		}
		if err == nil {
			name, mode = real, info.Mode().Perm()
		}
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".matdiff-*")
	if err != nil {
		return unwritable(name, err)
	}
	o.files = append(o.files, pending{f.Name(), name})
	_, err = f.Write(data)
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Chmod(f.Name(), mode)
	}
	return unwritable(name, err)
}

// commit gives the files their names, the first last: it is not there without
// the others.
func (o *outputs) commit() error {
	for _, f := range slices.Backward(o.files) {
		if err := os.Rename(f.tmp, f.name); err != nil {
			return unwritable(f.name, err)
		}
	}
	return nil
}

// drop removes what was not given a name.
func (o *outputs) drop() {
	for _, f := range o.files {
		os.Remove(f.tmp)
	}
}

func writeFile(name string, data []byte) error {
	var o outputs
	defer o.drop()
	if err := o.add(name, data); err != nil {
		return err
	}
	return o.commit()
}

// writable refuses a directory, which no file can take the place of, and a
// file in a folder that is not there.
func writable(name string) error {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return &diag.Diagnostic{Code: "E505", Message: fmt.Sprintf("cannot write %s: it is a directory", name),
			Help: "name a file in it"}
	}
	dir := filepath.Dir(name)
	switch info, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return &diag.Diagnostic{Code: "E505", Message: fmt.Sprintf("cannot write %s: there is no directory %s", name, dir),
			Help: "make the directory first, or name a file in another"}
	case err == nil && !info.IsDir():
		return &diag.Diagnostic{Code: "E505", Message: fmt.Sprintf("cannot write %s: %s is not a directory", name, dir)}
	}
	return nil
}

// unwritable says that name cannot be written, nil if err is.
func unwritable(name string, err error) error {
	if err == nil {
		return nil
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		err = link.Err
	}
	return &diag.Diagnostic{Code: "E505", Message: fmt.Sprintf("cannot write %s: %v", name, plain(err))}
}
