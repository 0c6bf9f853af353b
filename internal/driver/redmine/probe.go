package redmine

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

const (
	// probeWidth is how many fields are asked for at once, probeLimit the highest id at which one is looked for.
	probeWidth = 64
	probeLimit = 512
)

// probe looks for fields by name among those that are used as a filter, which every account may ask for. A filter without
// a value is refused with the field's name in the words, and one that there is not is ignored: so a range of ids is asked
// for, and halved as long as a name is heard.
func (d *desk) probe(ctx context.Context, names []string) error {
	missing := func() []string {
		return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "" || d.fields.find(name) != 0 })
	}
	if len(missing()) == 0 {
		return nil
	}
	// What the words say after a name depends on the account's language; filters that every Redmine has tell it.
	said, err := d.refusedFilters(ctx, []string{"tracker_id", "author_id", "updated_on", "subject"})
	suffix := commonSuffix(said)
	if err != nil || len(said) < 2 || suffix == "" {
		return err
	}
	for low := int64(1); low < probeLimit && len(missing()) > 0; low += probeWidth {
		sentences := make(map[string]string)
		for _, name := range missing() {
			sentences[name+suffix] = name
		}
		if err := d.probeRange(ctx, low, low+probeWidth, sentences); err != nil {
			return err
		}
	}
	return nil
}

// probeRange looks at the ids from low to below high. The names wanted are by the sentences in which they are heard.
func (d *desk) probeRange(ctx context.Context, low, high int64, wanted map[string]string) error {
	var filters []string
	for id := low; id < high; id++ {
		filters = append(filters, param(id))
	}
	said, err := d.refusedFilters(ctx, filters)
	if err != nil {
		return err
	}
	heard := make(map[string]string)
	for _, sentence := range said {
		if name, ok := wanted[sentence]; ok {
			heard[sentence] = name
		}
	}
	if len(heard) == 0 {
		return nil
	}
	if high-low == 1 {
		for _, name := range heard {
			d.fields.add(low, name)
		}
		return nil
	}
	middle := (low + high) / 2
	if err := d.probeRange(ctx, low, middle, heard); err != nil {
		return err
	}
	return d.probeRange(ctx, middle, high, heard)
}

// refusedFilters answers what Redmine says of filters without a value. In this form, an operator counts also for a field
// that is not of its kind: in the short one, it would be taken for the value.
func (d *desk) refusedFilters(ctx context.Context, filters []string) ([]string, error) {
	query := url.Values{"project_id": {d.project.Identifier}}
	for _, f := range filters {
		query.Add("f[]", f)
		query.Set("op["+f+"]", "=")
		query.Set("v["+f+"][]", "")
	}
	_, err := d.issues(ctx, query, 0, 1)
	var said sentences
	if errors.Is(err, cloud.ErrInvalid) && errors.As(err, &said) {
		return said, nil
	}
	return nil, err
}

// commonSuffix is how all sentences end, from a blank on.
func commonSuffix(sentences []string) string {
	if len(sentences) == 0 {
		return ""
	}
	suffix := sentences[0]
	for _, s := range sentences[1:] {
		for !strings.HasSuffix(s, suffix) {
			suffix = suffix[1:]
		}
	}
	if i := strings.IndexByte(suffix, ' '); i >= 0 {
		return suffix[i:]
	}
	return ""
}
