// Command testreport reads the stream of "go test -json" and says what a
// person needs: the output of what failed, the skipped tests with their
// reasons, and one line of totals.
//
// Usage: testreport FILE. It exits 1 when a test or a build failed, and when
// no test ran at all.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
)

// event is one line of the stream; see "go doc cmd/test2json".
type event struct {
	Action     string
	Package    string
	ImportPath string // of build output
	Test       string
	Output     string
	Elapsed    float64
}

// report is what the stream adds up to.
type report struct {
	output  map[string][]string // lines by package and test
	failed  []string
	skipped map[string]int // count by reason
	passed  int
	slow    map[string]float64 // seconds by package
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: testreport FILE")
		os.Exit(2)
	}
	f, err := os.Open(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "testreport:", err)
		os.Exit(2)
	}
	r, err := read(f)
	if err != nil {
		fmt.Fprintln(os.Stderr, "testreport:", err)
		os.Exit(2)
	}
	r.write(os.Stdout)
	if len(r.failed) > 0 || r.passed == 0 {
		os.Exit(1)
	}
}

// read adds up a stream; a line that is no event is an error of the caller's pipe.
func read(in io.Reader) (*report, error) {
	r := &report{output: map[string][]string{}, skipped: map[string]int{}, slow: map[string]float64{}}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("line %q: %w", lines.Text(), err)
		}
		r.add(e)
	}
	return r, lines.Err()
}

// add takes one event.
func (r *report) add(e event) {
	name := e.Package
	if e.Test != "" {
		name += " " + e.Test
	}
	switch e.Action {
	case "build-output":
		r.output[e.ImportPath] = append(r.output[e.ImportPath], e.Output)
	case "build-fail":
		r.failed = append(r.failed, e.ImportPath)
	case "output":
		r.output[name] = append(r.output[name], e.Output)
	case "fail":
		r.failed = append(r.failed, name)
	case "pass", "skip":
		if e.Test == "" {
			r.slow[e.Package] = e.Elapsed
			delete(r.output, name)
			return
		}
		if e.Action == "skip" {
			why := reason(r.output[name])
			if why == "" {
				why = "no reason given by " + name
			}
			r.skipped[why]++
		} else {
			r.passed++
		}
		delete(r.output, name)
	}
}

// reason gives the text of t.Skip from a test's output.
func reason(output []string) string {
	for _, line := range output {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "=== ") || strings.HasPrefix(line, "--- ") {
			continue
		}
		if _, text, found := strings.Cut(line, ".go:"); found {
			_, text, _ = strings.Cut(text, ": ")
			return text
		}
	}
	return ""
}

// write prints failures, skips, slow packages and the totals.
func (r *report) write(out io.Writer) {
	for _, name := range r.failed {
		fmt.Fprintf(out, "FAIL %s\n", name)
		for _, line := range r.output[name] {
			fmt.Fprint(out, "    ", line)
		}
	}
	skipped := 0
	for _, why := range slices.Sorted(maps.Keys(r.skipped)) {
		skipped += r.skipped[why]
		fmt.Fprintf(out, "skipped %d: %s\n", r.skipped[why], why)
	}
	for _, name := range slices.Sorted(maps.Keys(r.slow)) {
		if r.slow[name] > 30 {
			fmt.Fprintf(out, "slow %s: %.0f s\n", name, r.slow[name])
		}
	}
	fmt.Fprintf(out, "Go: %d passed, %d failed, %d skipped\n", r.passed, len(r.failed), skipped)
}
