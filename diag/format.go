package diag

// Format prints the diagnostics with source lines and carets.
func (l *List) Format(colour bool) string {
	s := ""
	for _, d := range l.Items {
		s += d.Error() + "\n"
	}
	return s
}
