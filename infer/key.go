package infer

// Key returns the one key of a name that may be typed in two ways: mu and μ
// are one name.
func Key(name string) string { return keyOf(name) }
