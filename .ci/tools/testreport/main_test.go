package main

import (
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	stream := `{"Action":"build-output","ImportPath":"m/c","Output":"c.go:1: oops\n"}
{"Action":"build-fail","ImportPath":"m/c"}
{"Action":"output","Package":"m/a","Test":"TestGood","Output":"noise\n"}
{"Action":"pass","Package":"m/a","Test":"TestGood"}
{"Action":"output","Package":"m/a","Test":"TestData","Output":"    x_test.go:3: set MUSTER_TEST_DATA\n"}
{"Action":"skip","Package":"m/a","Test":"TestData"}
{"Action":"pass","Package":"m/a","Elapsed":42}
{"Action":"output","Package":"m/b","Test":"TestBad","Output":"want 1\n"}
{"Action":"fail","Package":"m/b","Test":"TestBad"}
{"Action":"fail","Package":"m/b"}
`
	r, err := read(strings.NewReader(stream))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	r.write(&out)
	for _, want := range []string{"FAIL m/c\n    c.go:1: oops", "FAIL m/b TestBad\n    want 1", "skipped 1: set MUSTER_TEST_DATA", "slow m/a: 42 s", "1 passed, 3 failed, 1 skipped"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("want %q in:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "noise") {
		t.Error("output of a passed test is shown")
	}
	if _, err := read(strings.NewReader("not json\n")); err == nil {
		t.Error("a broken stream is accepted")
	}
}
