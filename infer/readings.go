package infer

// class is what an undeclared name may be.
type class uint8

const (
	asScalar class = iota
	asCol
	asRow
	asMatrix
)

// reading is a class and what it costs to take it.
type reading struct {
	class class
	cost  int
}

var (
	lowerReadings = []reading{{asCol, 0}, {asRow, 2}, {asScalar, 4}}
	upperReadings = []reading{{asMatrix, 0}, {asScalar, 10}}
	greekReadings = []reading{{asScalar, 0}, {asCol, 2}, {asRow, 4}}
	countReadings = []reading{{asMatrix, 0}, {asScalar, 3}} // N: more often a number
	// What the writing leaves of a capital: see evidence.go.
	matrixReadings      = []reading{{asMatrix, 0}}
	numberReadings      = []reading{{asScalar, 0}, {asCol, 2}, {asRow, 4}}
	coefficientReadings = []reading{{asScalar, 0}, {asMatrix, 10}}

	onesReadings = []reading{{asCol, 0}, {asScalar, 1}}
)

// readingsOf lists the readings of an undeclared name, the preferred first.
func readingsOf(key string) []reading {
	switch r := firstRune(key); {
	case key == "N":
		return countReadings
	case isUpper(key):
		return upperReadings
	case isGreek(r):
		return greekReadings
	}
	return lowerReadings
}
