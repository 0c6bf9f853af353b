package acctest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// Diacritics are the letters of Latvian that ASCII has not.
const Diacritics = "ĀČĒĢĪĶĻŅŠŪŽ āčēģīķļņšūž"

// Time is a point in time as the provider writes it.
var Time = knownvalue.StringRegexp(regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`))

// ID is an id of an object at an operator.
func ID(operator string) knownvalue.Check {
	return knownvalue.StringRegexp(regexp.MustCompile(`^` + regexp.QuoteMeta(operator) + `/[a-z]+-[0-9a-f-]+$`))
}

// Labels are a map of strings, given as keys and values in turn.
func Labels(keysAndValues ...string) knownvalue.Check {
	m := make(map[string]knownvalue.Check)
	for i := 0; i+1 < len(keysAndValues); i += 2 {
		m[keysAndValues[i]] = knownvalue.StringExact(keysAndValues[i+1])
	}
	return knownvalue.MapExact(m)
}

// Texts are a list of strings.
func Texts(values ...string) knownvalue.Check {
	list := make([]knownvalue.Check, len(values))
	for i, v := range values {
		list[i] = knownvalue.StringExact(v)
	}
	return knownvalue.ListExact(list)
}

// Attributes checks all attributes of a resource or data source: one that the state has and want has not is an error.
func Attributes(address string, want map[string]knownvalue.Check) statecheck.StateCheck {
	return attributes{address, want}
}

// Some checks some attributes.
func Some(address string, want map[string]knownvalue.Check) statecheck.StateCheck {
	return someAttributes{attributes{address, want}}
}

type attributes struct {
	address string
	want    map[string]knownvalue.Check
}

// CheckState implements statecheck.StateCheck.
func (a attributes) CheckState(_ context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	values := valuesOf(req, a.address)
	errs := []error{a.compare(values)}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if a.want[name] == nil {
			errs = append(errs, fmt.Errorf("%s.%s is not checked; it is %v", a.address, name, values[name]))
		}
	}
	resp.Error = errors.Join(errs...)
}

func (a attributes) compare(values map[string]any) error {
	if values == nil {
		return fmt.Errorf("the state has no %s", a.address)
	}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(a.want)) {
		value, ok := values[name]
		if !ok {
			errs = append(errs, fmt.Errorf("%s has no attribute %s", a.address, name))
			continue
		}
		if err := a.want[name].CheckValue(value); err != nil {
			errs = append(errs, fmt.Errorf("%s.%s: %w", a.address, name, err))
		}
	}
	return errors.Join(errs...)
}

type someAttributes struct{ attributes }

// CheckState implements statecheck.StateCheck.
func (a someAttributes) CheckState(_ context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	resp.Error = a.compare(valuesOf(req, a.address))
}

// valuesOf are the attributes of a resource or data source in the state; nil if it is not there.
func valuesOf(req statecheck.CheckStateRequest, address string) map[string]any {
	if req.State == nil || req.State.Values == nil || req.State.Values.RootModule == nil {
		return nil
	}
	for _, r := range req.State.Values.RootModule.Resources {
		if r.Address == address {
			return r.AttributeValues
		}
	}
	return nil
}

// Lacks checks that a text is nowhere in the state.
func Lacks(text string) statecheck.StateCheck { return lacks(text) }

type lacks string

// CheckState implements statecheck.StateCheck.
func (l lacks) CheckState(_ context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	raw, err := json.Marshal(req.State.Values)
	if err == nil && strings.Contains(string(raw), string(l)) {
		err = fmt.Errorf("the state has %q: %s", string(l), raw)
	}
	resp.Error = err
}

// Gone checks, after a destroy, that nothing is left at any operator but the objects named, as "lvrtc/networks/front".
func (e *Env) Gone(t *testing.T, but ...string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		var left []string
		for _, operator := range e.Operators() {
			for key := range e.Objects(t, operator) {
				left = append(left, operator+"/"+key)
			}
		}
		slices.Sort(left)
		slices.Sort(but)
		if !slices.Equal(left, but) {
			return fmt.Errorf("at the operators there is %q, want %q", left, but)
		}
		return nil
	}
}

// Object is one that has to exist, by kind and name: "networks/front".
func (e *Env) Object(t *testing.T, operator, key string) sandbox.Object {
	t.Helper()
	all := e.Objects(t, operator)
	o, ok := all[key]
	if !ok {
		t.Fatalf("%s has no %s, only %q", operator, key, slices.Sorted(maps.Keys(all)))
	}
	return o
}

// Body is what an operator answers of an object.
func (e *Env) Body(t *testing.T, operator, key string) map[string]any {
	t.Helper()
	var body map[string]any
	if err := json.Unmarshal(e.Object(t, operator, key).Body, &body); err != nil {
		t.Fatal(err)
	}
	return body
}

// Change changes an object as somebody at the operator's portal would.
func (e *Env) Change(t *testing.T, operator, key, patch string) {
	t.Helper()
	if err := e.Box.Change(context.WithoutCancel(t.Context()), operator, e.Object(t, operator, key).ID, patch); err != nil {
		t.Fatal(err)
	}
}

// Remove deletes an object as somebody at the operator's portal would.
func (e *Env) Remove(t *testing.T, operator, key string) {
	t.Helper()
	if err := e.Box.Remove(context.WithoutCancel(t.Context()), operator, e.Object(t, operator, key).ID); err != nil {
		t.Fatal(err)
	}
}

// Refusal is an error that a plan has to show.
type Refusal struct {
	// Address is the resource, At how the line of the configuration begins at which the error points. Both are empty
	// for a resource that the configuration has no more.
	Address, At string
	Summary     string
	// Detail is how the text below begins; it may be empty.
	Detail string
}

// Pattern is the refusal as Terraform prints it, wherever the lines are wrapped.
func (r Refusal) Pattern() *regexp.Regexp {
	pattern := `Error: ` + wrapped(r.Summary)
	if r.Address != "" {
		pattern += `\s+with ` + regexp.QuoteMeta(r.Address) + `,`
	}
	if r.At != "" {
		pattern += `\s+on \S+ line \d+(, in [^\n]+)?:\s+\d+:\s+` + wrapped(r.At) + `[^\n]*\n`
	} else {
		pattern += `(\s+on \S+ line \d+[^\n]*\n[^\n]*\n)?`
	}
	return regexp.MustCompile(pattern + `\s*` + wrapped(r.Detail))
}

// Words match an error that has these texts in this order, wherever the lines are wrapped.
func Words(texts ...string) *regexp.Regexp {
	patterns := make([]string, len(texts))
	for i, text := range texts {
		patterns[i] = wrapped(text)
	}
	return regexp.MustCompile(`(?s)` + strings.Join(patterns, `.*`))
}

func wrapped(text string) string {
	words := strings.Fields(text)
	for i, w := range words {
		words[i] = regexp.QuoteMeta(w)
	}
	return strings.Join(words, `\s+`)
}

// Refuse plans a configuration and checks that it is refused for exactly these reasons.
func (e *Env) Refuse(t *testing.T, config string, refusals ...Refusal) {
	t.Helper()
	asked := false
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: e.Factories,
		ErrorCheck: func(err error) error {
			asked = true
			var errs []error
			for _, r := range refusals {
				if !r.Pattern().MatchString(err.Error()) {
					errs = append(errs, fmt.Errorf("no error is as %s", r.Pattern()))
				}
			}
			if n := strings.Count(err.Error(), "\nError: "); n != len(refusals) {
				errs = append(errs, fmt.Errorf("there are %d errors, want %d", n, len(refusals)))
			}
			if len(errs) > 0 {
				return fmt.Errorf("%w\nin: %w", errors.Join(errs...), err)
			}
			return nil
		},
		Steps: []resource.TestStep{{Config: config, PlanOnly: true, ExpectNonEmptyPlan: true}},
	})
	if !asked {
		t.Error("the plan was not refused")
	}
}
