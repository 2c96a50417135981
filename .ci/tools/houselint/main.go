// Command houselint checks the rules of the house that no general linter
// knows: who may import whom, what an engine may touch, where SQL may stand,
// and what every package and file must have.
//
// Usage: houselint [DIR]. It prints one line per finding and exits 1 when
// there is one.
package main

import (
	"fmt"
	"os"
)

func main() {
	root := "."
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	findings, err := check(root)
	if err != nil {
		fmt.Fprintln(os.Stderr, "houselint:", err)
		os.Exit(2)
	}
	for _, f := range findings {
		fmt.Println(f)
	}
	if len(findings) > 0 {
		fmt.Fprintf(os.Stderr, "houselint: %d findings\n", len(findings))
		os.Exit(1)
	}
}

// check reads every package of the module and gives the findings in path order.
func check(root string) ([]string, error) {
	packages, err := read(root)
	if err != nil {
		return nil, err
	}
	var findings []string
	for _, p := range packages {
		findings = append(findings, checkPlace(p)...)
		findings = append(findings, checkImports(p)...)
		for _, f := range p.files {
			findings = append(findings, checkFile(p, f)...)
		}
	}
	return findings, nil
}
