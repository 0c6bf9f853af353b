package provider_test

import (
	"context"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// What the desk's people do.

func resolve(words string) acctest.Deed {
	return func(ctx context.Context, people *sandbox.Agent, id string) error {
		return people.Resolve(ctx, id, words)
	}
}

func rename(subject string) acctest.Deed {
	return func(ctx context.Context, people *sandbox.Agent, id string) error {
		return people.Rename(ctx, id, subject)
	}
}

func hide(ctx context.Context, people *sandbox.Agent, id string) error { return people.Hide(ctx, id) }

func vanish(ctx context.Context, people *sandbox.Agent, id string) error {
	return people.Delete(ctx, id)
}

func mergeInto(id string) acctest.Deed {
	return func(ctx context.Context, people *sandbox.Agent, own string) error { return people.Merge(ctx, own, id) }
}

func approve(ctx context.Context, people *sandbox.Agent, id string) error {
	return people.Approve(ctx, id)
}

func begin(ctx context.Context, people *sandbox.Agent, id string) error { return people.Start(ctx, id) }

func hold(ctx context.Context, people *sandbox.Agent, id string) error { return people.Hold(ctx, id) }

func reopen(ctx context.Context, people *sandbox.Agent, id string) error {
	return people.Reopen(ctx, id)
}

func ask(question string) acctest.Deed {
	return func(ctx context.Context, people *sandbox.Agent, id string) error {
		return people.Ask(ctx, id, question)
	}
}

func reject(reason string) acctest.Deed {
	return func(ctx context.Context, people *sandbox.Agent, id string) error {
		return people.Reject(ctx, id, reason)
	}
}

func say(text string, public bool) acctest.Deed {
	return func(ctx context.Context, people *sandbox.Agent, id string) error {
		return people.Say(ctx, id, text, public)
	}
}
