package codegen

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Write writes the files of out into dir, each at once: a file is complete or
// it is not there. Errors have the code E505.
func Write(dir string, files []File) error {
	for _, f := range files {
		if err := writeFile(filepath.Join(dir, f.Name), f.Data); err != nil {
			return fail(CodeWrite, "", "cannot write %s: %v", f.Name, cause(err))
		}
	}
	return nil
}

func writeFile(path string, data []byte) error {
	mode := fs.FileMode(0o644)
	if st, err := os.Stat(path); err == nil {
		if st.IsDir() {
			return errors.New("it is a directory")
		}
		if !st.Mode().IsRegular() { // a pipe or a device
			return os.WriteFile(path, data, 0)
		}
		mode = st.Mode().Perm()
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".matdiff-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	if e := tmp.Chmod(mode); err == nil {
		err = e
	}
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
	return err
}

// Check tells whether the files in dir are what would be written; the error
// E506 names the first that is not.
func Check(dir string, files []File) error {
	for _, f := range files {
		have, err := os.ReadFile(filepath.Join(dir, f.Name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return fail(CodeStale, "run matdiff gen without --check", "%s does not exist", f.Name)
		case err != nil:
			return fail(CodeWrite, "", "cannot read %s: %v", f.Name, cause(err))
		case !bytes.Equal(have, f.Data):
			return fail(CodeStale, "run matdiff gen without --check", "%s is not what the program gives now", f.Name)
		}
	}
	return nil
}

// cause is the reason without the path, which may be a temporary one.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	var l *os.LinkError
	if errors.As(err, &l) {
		return l.Err
	}
	return err
}
