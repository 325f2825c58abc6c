package main

import "testing"

func TestUTF8Text(t *testing.T) {
	for in, want := range map[string]string{
		"Q = x'x\r\n":                    "Q = x'x\r\n",
		"x: n\rQ = x'x\r":                "x: n\nQ = x'x\n",
		"\xff\xfeQ\x00=\x00x\x00\n\x00":  "Q=x\n",
		"\xfe\xff\x00Q\x00=\x03\xc3\x00": "\xfe\xff\x00Q\x00=\x03\xc3\x00",
		"\xfe\xff\x00Q\x00=\x03\xc3":     "Q=σ",
		"\xef\xbb\xbfQ = x":              "\xef\xbb\xbfQ = x",
		"":                               "",
	} {
		if got := utf8Text([]byte(in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
