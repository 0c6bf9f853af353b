package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/tap"
)

// openstackParts are what is measured at a real OpenStack. Each has it for itself, as each counts what is there.
var openstackParts = []part{
	{"secrets", measureOpenStackSecrets, true},
	{"interrupt", measureOpenStackInterrupt, true},
	{"crash", measureOpenStackCrash, true},
	{"cycles", measureCycles, true},
	{"refresh", measureOpenStackRefresh, true},
}

// sitePlace is a project of a real OpenStack, which all trials share one after the other.
type sitePlace struct {
	*site
	// before is what was there when the room was opened.
	before map[string]bool
}

func (p *sitePlace) open(ctx context.Context, trial int) (room, block string, err error) {
	room = fmt.Sprintf("trial-%d", trial)
	p.before, err = p.ids(ctx)
	p.tap.Reset()
	return room, p.block(room, ""), err
}

func (p *sitePlace) orders(string) (n int) {
	for _, r := range p.tap.Requests() {
		if r.Method == http.MethodPost && r.Status < http.StatusMultipleChoices && !isToken(r) {
			n++
		}
	}
	return n
}

func isToken(r tap.Request) bool { return strings.HasSuffix(r.Address, "/auth/tokens") }

func (p *sitePlace) objects(ctx context.Context, _ string) ([]object, error) {
	return p.site.objects(ctx, p.before)
}

func (p *sitePlace) plant(ctx context.Context, room string) error {
	return p.ask(ctx, "volume", http.MethodPost, "volumes", map[string]any{"volume": map[string]any{
		"name": p.prefix + room + "-planted", "size": 1,
	}}, nil)
}

// hold cannot be had of a real cloud, which takes its time for a machine by itself.
func (p *sitePlace) hold() (release func()) { return func() {} }

func measureOpenStackCrash(ctx context.Context, b *bench) ([]row, error) {
	c := newCrashes(b, &sitePlace{site: b.site}, scenario{config: siteCrashConfig, resources: siteCrashResources, tidy: true})
	rows, err := c.measure(ctx, b.trials, (b.trials+1)/2)
	return atOpenStack(rows), err
}

func measureOpenStackInterrupt(ctx context.Context, b *bench) ([]row, error) {
	c := newCrashes(b, &sitePlace{site: b.site}, scenario{
		config: siteInterruptConfig, resources: siteInterruptResources, kind: "servers", tidy: true,
	})
	rows, err := c.interrupt(ctx, 1)
	return atOpenStack(rows), err
}

// atOpenStack names rows so that they are told apart from the sandbox's.
func atOpenStack(rows []row) []row {
	for i := range rows {
		number, rest, _ := strings.Cut(rows[i].Bar, " ")
		rows[i].Bar = strings.TrimSpace(number + " openstack " + rest)
	}
	return rows
}
