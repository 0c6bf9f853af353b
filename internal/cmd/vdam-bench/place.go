package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// object is one that is at an operator.
type object struct {
	kind, id, name string
	// with is what the object comes and goes with, if it has no entry of its own in a state.
	with string
}

// place is an operator at which applies are cut off.
type place interface {
	// open makes room for a trial, to be counted by itself; the block is what its configuration begins with.
	open(ctx context.Context, trial int) (room, block string, err error)
	// orders is how many a room has got so far.
	orders(room string) int
	objects(ctx context.Context, room string) ([]object, error)
	// plant makes an object behind Terraform's back.
	plant(ctx context.Context, room string) error
	// hold keeps the operator from finishing anything, where that can be had, until it is released.
	hold() (release func())
}

// sandboxPlace is an operator of a sandbox, with a project for each trial.
type sandboxPlace struct {
	box      *sandbox.Sandbox
	operator string
}

func (p sandboxPlace) open(_ context.Context, trial int) (room, block string, err error) {
	room = fmt.Sprintf("trial-%d", trial)
	p.box.ResetRequests()
	return room, providerBlock(p.box, p.operator, room), nil
}

func (p sandboxPlace) orders(room string) (n int) {
	for _, r := range p.box.Requests() {
		if callKind(r) == callOrder && strings.HasPrefix(r.Path, "/v1/projects/"+room+"/") {
			n++
		}
	}
	return n
}

func (p sandboxPlace) objects(ctx context.Context, room string) (all []object, err error) {
	everywhere, err := p.box.Objects(ctx, p.operator)
	for _, o := range everywhere {
		if o.Project == room {
			all = append(all, object{kind: o.Kind, id: o.ID, name: o.Name})
		}
	}
	return all, err
}

func (p sandboxPlace) plant(ctx context.Context, room string) error {
	op, err := reach(ctx, p.box, p.operator, room)
	if err != nil {
		return err
	}
	_, err = op.order(ctx, "storage-volumes", map[string]any{"name": "planted", "size_gib": 10})
	return err
}

func (p sandboxPlace) hold() (release func()) { return p.box.Hold() }
