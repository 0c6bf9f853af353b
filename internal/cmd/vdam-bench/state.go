package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

const stateFile = "terraform.tfstate"

// tfstate is what is read of Terraform's state.
type tfstate struct {
	Resources []struct {
		Mode      string     `json:"mode"`
		Type      string     `json:"type"`
		Name      string     `json:"name"`
		Instances []instance `json:"instances"`
	} `json:"resources"`
}

type instance struct {
	Status     string `json:"status"`
	Attributes struct {
		ID           string `json:"id"`
		BootVolumeID string `json:"boot_volume_id"`
	} `json:"attributes"`
}

func parseState(raw []byte) (tfstate, error) {
	var s tfstate
	if err := json.Unmarshal(raw, &s); err != nil {
		return s, fmt.Errorf("reading the state: %w", err)
	}
	return s, nil
}

// state reads a workspace's; there may be none.
func (w *workspace) state() (tfstate, error) {
	raw, err := os.ReadFile(w.path(stateFile))
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(raw) == 0 {
		return tfstate{}, nil
	}
	if err != nil {
		return tfstate{}, err
	}
	return parseState(raw)
}

// known are the operator's ids of all that the state holds, boot volumes among them.
func (s tfstate) known() map[string]bool {
	ids := map[string]bool{}
	for _, i := range s.instances() {
		for _, id := range []string{i.Attributes.ID, i.Attributes.BootVolumeID} {
			if _, object, ok := strings.Cut(id, "/"); ok {
				ids[object] = true
			}
		}
	}
	return ids
}

func (s tfstate) instances() (all []instance) {
	for _, r := range s.Resources {
		if r.Mode == "managed" {
			all = append(all, r.Instances...)
		}
	}
	return all
}

func (s tfstate) tainted() (n int) {
	for _, i := range s.instances() {
		if i.Status == "tainted" {
			n++
		}
	}
	return n
}

// multiply makes the only instance of a counted resource one of many, whose ids and names are given: a state that a
// refresh makes true, where an apply of as many would take minutes.
func multiply(raw []byte, machines []machine) ([]byte, error) {
	var s map[string]any
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, fmt.Errorf("reading the state: %w", err)
	}
	resources, _ := s["resources"].([]any)
	if len(resources) != 1 {
		return nil, fmt.Errorf("the state has %d resources, not one", len(resources))
	}
	r, _ := resources[0].(map[string]any)
	instances, _ := r["instances"].([]any)
	if len(instances) != 1 {
		return nil, fmt.Errorf("the state has %d instances, not one", len(instances))
	}
	first, err := json.Marshal(instances[0])
	if err != nil {
		return nil, err
	}
	for i, m := range machines {
		var next map[string]any
		if err := json.Unmarshal(first, &next); err != nil {
			return nil, err
		}
		attributes, ok := next["attributes"].(map[string]any)
		if !ok {
			return nil, errors.New("the instance has no attributes")
		}
		next["index_key"] = i + 1
		attributes["id"], attributes["name"] = m.operator+"/"+m.ID, m.Name
		attributes["boot_volume_id"] = m.operator + "/" + m.BootVolumeID
		instances = append(instances, next)
	}
	r["instances"] = instances
	return json.MarshalIndent(s, "", "  ")
}
