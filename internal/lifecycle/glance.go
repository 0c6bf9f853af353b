package lifecycle

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// patience is how long a plan waits for an operator that is not its own. What that one says helps to refuse early and is
// not needed: it may be the very one that has failed.
const patience = 5 * time.Second

// Glance lets a plan look at another operator. One that cannot be opened in time is not looked at: the apply tells.
func Glance(ctx context.Context, f *cloud.Federation, operator string, look func(ctx context.Context, op *cloud.Operator)) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if op, err := f.Operator(ctx, operator); err == nil {
		look(ctx, op)
	}
}

// OfferedBy advises to choose among the operators that offer a kind.
func OfferedBy(ctx context.Context, f *cloud.Federation, kind cloud.Kind, but ...string) string {
	names := slices.DeleteFunc(f.Names(), func(name string) bool { return slices.Contains(but, name) })
	offers := make([]bool, len(names))
	var looking sync.WaitGroup
	for i, name := range names {
		looking.Go(func() {
			Glance(ctx, f, name, func(_ context.Context, op *cloud.Operator) { offers[i] = op.Capabilities.Offers(kind) })
		})
	}
	looking.Wait()
	var those []string
	for i, name := range names {
		if offers[i] {
			those = append(those, name)
		}
	}
	switch len(those) {
	case 0:
		return "Choose another operator; data.vdam_operators lists what each of them offers."
	case 1:
		return "Choose " + those[0] + ", which offers them."
	}
	return "Choose another operator: " + strings.Join(those, ", ") + " offer them."
}
