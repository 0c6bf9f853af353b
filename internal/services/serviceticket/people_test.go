package serviceticket_test

import (
	"context"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// What the desk's people do.

func approved(ctx context.Context, people *sandbox.Agent, id string) error {
	return people.Approve(ctx, id)
}

func started(ctx context.Context, people *sandbox.Agent, id string) error {
	return people.Start(ctx, id)
}

func held(ctx context.Context, people *sandbox.Agent, id string) error { return people.Hold(ctx, id) }

func hidden(ctx context.Context, people *sandbox.Agent, id string) error { return people.Hide(ctx, id) }

func vanished(ctx context.Context, people *sandbox.Agent, id string) error {
	return people.Delete(ctx, id)
}

func renamed(subject string) acctest.Deed {
	return func(ctx context.Context, people *sandbox.Agent, id string) error {
		return people.Rename(ctx, id, subject)
	}
}

func asked(question string) acctest.Deed {
	return func(ctx context.Context, people *sandbox.Agent, id string) error {
		return people.Ask(ctx, id, question)
	}
}

func spoken(words string) acctest.Deed {
	return func(ctx context.Context, people *sandbox.Agent, id string) error {
		return people.Say(ctx, id, words, true)
	}
}

func resolved(words string) acctest.Deed {
	return func(ctx context.Context, people *sandbox.Agent, id string) error {
		return people.Resolve(ctx, id, words)
	}
}

func mergedInto(into func() string) acctest.Deed {
	return func(ctx context.Context, people *sandbox.Agent, id string) error {
		return people.Merge(ctx, id, into())
	}
}
