package velero

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// ownDefault are what Kubernetes itself makes in the namespace default, beside what it makes in each.
var ownDefault = []string{
	"v1/Service default/kubernetes", "v1/Endpoints default/kubernetes", "discovery.k8s.io/v1/EndpointSlice default/kubernetes",
}

// namespaces are those that something is in. The namespace default, which each cluster has, is not among them where nobody has
// put anything into it.
func (c contents) namespaces() []string {
	found := map[string]bool{}
	for kind, names := range c {
		for _, name := range names {
			ns, short, ok := strings.Cut(name, "/")
			if !ok || ns == "default" && (own(kind, short) || transient[kind] || slices.Contains(ownDefault, kind+" "+name)) {
				continue
			}
			found[ns] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// mapNamespaces decides what the namespaces become, and refuses to restore into what lives.
func (t *attempt) mapNamespaces(ctx context.Context, c contents) error {
	t.out.Namespaces = map[string]string{}
	from := map[string]string{}
	for _, name := range c.namespaces() {
		to, ok := t.order.Namespace(name)
		if !ok {
			continue
		}
		if other, taken := from[to]; taken {
			t.out.Refusal = fmt.Sprintf("both %s and %s of the backup would become the namespace %s", other, name, to)
			return nil
		}
		t.out.Namespaces[name], from[to] = to, name
	}
	for _, name := range t.order.Named {
		if !slices.Contains(c.namespaces(), name) {
			t.out.Refusal = fmt.Sprintf("there is nothing in the backup that is in the namespace %s; there is of %s", name,
				strings.Join(c.namespaces(), ", "))
			return nil
		}
	}
	if len(t.out.Namespaces) == 0 {
		t.out.Refusal = "there is nothing in the backup that is in a namespace which is wanted"
		return nil
	}
	for _, to := range slices.Sorted(maps.Keys(from)) {
		err := t.get(ctx, "/api/v1/namespaces/"+url.PathEscape(to), nil)
		if err == nil && !t.order.IntoExisting {
			t.out.Refusal = fmt.Sprintf("the namespace %s, which %s would be restored into, exists already in the cluster", to, from[to])
			return nil
		}
		if err != nil && !isNotFound(err) {
			return err
		}
	}
	return nil
}
