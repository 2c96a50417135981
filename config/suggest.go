package config

// maybe gives `; maybe you meant "x"` for the closest candidate, or nothing when
// none is close: at most a third of the letters may differ.
func maybe(got string, candidates []string) string {
	best, distance := "", len(got)/3+1
	for _, c := range candidates {
		if d := editDistance(got, c); d <= distance && (best == "" || d < distance) {
			best, distance = c, d
		}
	}
	if best == "" {
		return ""
	}
	return `; maybe you meant "` + best + `"`
}

// editDistance counts insertions, deletions and substitutions between two
// texts (Levenshtein), byte by byte: keys are ASCII.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
