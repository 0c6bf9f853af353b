package clusterapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"

	"gopkg.in/yaml.v2"

	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed"
)

// install brings the custom resources and the webhooks into the management cluster, before their controllers run.
func (m *Management) install(ctx context.Context, served testbed.Certificate) error {
	var resources []Object
	for i, part := range parts {
		raw, err := os.ReadFile(m.programs.manifests(part.name))
		if err != nil {
			return err
		}
		objects, err := decode(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", m.programs.manifests(part.name), err)
		}
		for _, o := range objects {
			at := webhooks{part.name, webhookPort + i, served.PEM}
			if o["kind"] == "CustomResourceDefinition" {
				at.convert(o)
				resources = append(resources, o)
			} else {
				at.admit(o)
			}
			if err := m.Admin.Apply(ctx, o); err != nil {
				return err
			}
		}
	}
	for _, o := range resources {
		if err := until(ctx, func(ctx context.Context) error { return m.established(ctx, o) }); err != nil {
			return err
		}
	}
	return nil
}

// established says whether the API has a resource.
func (m *Management) established(ctx context.Context, resource Object) error {
	return m.Admin.hasConditions(ctx, pathOf(resource), "Established")
}

// hasConditions fails unless all these conditions of an object are true, as it is now.
func (c *Client) hasConditions(ctx context.Context, path string, types ...string) error {
	var got struct {
		Status struct{ Conditions []condition }
	}
	if err := c.Get(ctx, path, &got); err != nil {
		return err
	}
	for _, wanted := range types {
		if !slices.ContainsFunc(got.Status.Conditions, func(c condition) bool { return c.Type == wanted && c.Status == "True" }) {
			return fmt.Errorf("%s is not %s: %+v", path, wanted, got.Status.Conditions)
		}
	}
	return nil
}

type condition struct {
	Type, Status, Reason, Message string
	ObservedGeneration            int64
}

// webhooks are where a part serves its own.
type webhooks struct {
	part        string
	port        int
	certificate []byte
}

func (w webhooks) client(path string) Object {
	return Object{"url": "https://127.0.0.1:" + strconv.Itoa(w.port) + path, "caBundle": w.certificate}
}

// convert has a resource say of which contracts its versions are, and who makes one of the other, as its project's
// installation does.
func (w webhooks) convert(resource Object) {
	metadata := object(resource, "metadata")
	metadata["labels"] = Object{"cluster.x-k8s.io/v1beta1": "v1beta1", "cluster.x-k8s.io/v1beta2": "v1beta2"}
	delete(resource, "status")
	spec := object(resource, "spec")
	if versions, _ := spec["versions"].([]any); len(versions) > 1 {
		spec["conversion"] = Object{"strategy": "Webhook", "webhook": Object{
			"conversionReviewVersions": []string{"v1"}, "clientConfig": w.client("/convert"),
		}}
	}
}

// admit has the API ask the part instead of a service that is not there. All parts have the same names for it.
func (w webhooks) admit(configuration Object) {
	metadata := object(configuration, "metadata")
	metadata["name"] = fmt.Sprintf("%s-%v", w.part, metadata["name"])
	hooks, _ := configuration["webhooks"].([]any)
	for _, hook := range hooks {
		hook, _ := hook.(Object)
		service := object(object(hook, "clientConfig"), "service")
		path, _ := service["path"].(string)
		hook["clientConfig"] = w.client(path)
	}
}

// object is a field of an object that is one itself.
func object(o Object, field string) Object {
	found, _ := o[field].(Object)
	if found == nil {
		found = Object{}
		o[field] = found
	}
	return found
}

// decode reads the documents of a YAML file.
func decode(raw []byte) ([]Object, error) {
	var all []Object
	decoder := yaml.NewDecoder(bytes.NewReader(raw))
	for {
		var document any
		if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		if o, ok := plain(document).(Object); ok { // Else there is nothing in it.
			all = append(all, o)
		}
	}
}

// plain has YAML be as JSON is, whose keys are strings.
func plain(value any) any {
	switch value := value.(type) {
	case map[any]any:
		o := Object{}
		for key, of := range value {
			o[fmt.Sprint(key)] = plain(of)
		}
		return o
	case []any:
		for i, of := range value {
			value[i] = plain(of)
		}
	}
	return value
}
