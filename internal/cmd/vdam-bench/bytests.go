package main

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// proven are the bars that tests prove, with the tests. A test that has another name now is an error, so that nothing
// is claimed that is not there.
var proven = []struct{ bar, measure, target, dir, tests string }{
	{"13", "HTTP faults of performance.md section 5", "all", "internal/transport",
		"TestRetryAfterPausesAll TestRetryTable TestAmbiguousPostIsSentOnce TestTryTimeoutCoversBody TestTruncatedBody " +
			"TestReplayAfter401 Test401IsReplayedOnce TestOneRefreshForAll TestExpiry TestErrorTexts"},
	{"13", "", "", "internal/provider",
		"TestBadOperators TestUntrustedCertificates TestUnreachable TestStuck TestFailedObject TestNameTaken"},
	{"13", "", "", "internal/lifecycle",
		"TestLostAnswer TestOutcomeUnknown TestTimeoutThenResume TestLoaderListFails TestWaiting TestInterrupt"},
	{"15", "change or deletion elsewhere: plan shows exactly that", "all", "internal/services/network", "TestAcceptance"},
	{"15", "", "", "internal/services/securitygroup", "TestAcceptance"},
	{"15", "", "", "internal/services/storagevolume", "TestAcceptance"},
	{"15", "", "", "internal/services/virtualmachine", "TestAcceptance"},
	{"15", "", "", "internal/services/volumeattachment", "TestAcceptance"},
	{"16", "import ends in an empty plan (the tests compare states)", "all", "internal/services/network", "TestAcceptance"},
	{"16", "", "", "internal/services/securitygroup", "TestAcceptance"},
	{"16", "", "", "internal/services/storagevolume", "TestAcceptance"},
	{"16", "", "", "internal/services/virtualmachine", "TestAcceptance"},
	{"16", "", "", "internal/services/volumeattachment", "TestAcceptance"},
}

// nameTests makes a row for each bar that tests prove.
func nameTests(_ context.Context, b *bench) ([]row, error) {
	var rows []row
	for _, p := range proven {
		found, err := testsIn(filepath.Join(b.root, filepath.FromSlash(p.dir)))
		if err != nil {
			return nil, err
		}
		for _, name := range strings.Fields(p.tests) {
			if !found[name] {
				return nil, fmt.Errorf("bar %s: there is no test %s in %s any more", p.bar, name, p.dir)
			}
		}
		text := p.dir + " (" + strings.ReplaceAll(p.tests, " ", ", ") + ")"
		if n := len(rows); n > 0 && rows[n-1].Bar == p.bar {
			rows[n-1].Note += "; " + text
			continue
		}
		rows = append(rows, row{Bar: p.bar, Measure: p.measure, Measured: "by tests", Target: p.target, Note: text})
	}
	random := row{
		Bar: "17", Measure: "random valid configurations: apply, empty plan, update, empty plan", Measured: "by tests",
		Target: "1,000 per kind", Note: "tests on rapid: ",
	}
	names, err := propertyTests(filepath.Join(b.root, "internal"))
	if err != nil {
		return nil, err
	}
	if random.Note += strings.Join(names, ", "); len(names) == 0 {
		random.Measured, random.Note = "no test yet", ""
	}
	return append(rows, random), nil
}

// propertyTests are the tests in files that use rapid, as package (names).
func propertyTests(root string) (all []string, err error) {
	err = filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, "_test.go") {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("looking for tests: %w", err)
		}
		uses := slices.ContainsFunc(parsed.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"pgregory.net/rapid"` })
		if names := testsOf(parsed); uses && len(names) > 0 {
			dir, err := filepath.Rel(filepath.Dir(root), filepath.Dir(file))
			if err != nil {
				return err
			}
			all = append(all, filepath.ToSlash(dir)+" ("+strings.Join(names, ", ")+")")
		}
		return nil
	})
	return all, err
}

// testsIn are the names of the tests of a package.
func testsIn(dir string) (map[string]bool, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("looking for tests: %w", err)
		}
		for _, name := range testsOf(parsed) {
			found[name] = true
		}
	}
	return found, nil
}

func testsOf(file *ast.File) (names []string) {
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") && f.Name.Name != "TestMain" {
			names = append(names, f.Name.Name)
		}
	}
	return names
}
