package openstack

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

const (
	// firstPause and longestPause lie between two questions how far something is: what takes hours is asked about rarely.
	firstPause   = 500 * time.Millisecond
	longestPause = 10 * time.Second
)

// follow asks until it is done.
func (s *session) follow(ctx context.Context, ask func() (done bool, err error)) error {
	for pause := firstPause; ; pause = min(pause*5/4, longestPause) {
		if done, err := ask(); err != nil || done {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return &cloud.Error{Reason: cloud.ErrUnavailable, Operator: s.operator, Cause: ctx.Err(),
				Text: "The run was interrupted, or its time is over, before the operator was done."}
		}
	}
}

// besides is the error of something, which also tells if what was made for it could not be removed.
func besides(err, cleanUp error) error {
	var e, left *cloud.Error
	if err == nil || !errors.As(err, &e) || !errors.As(cleanUp, &left) {
		return cmp.Or(err, cleanUp)
	}
	both := *e
	both.Text += " What was made for it could not be removed: " + left.Text
	return &both
}

// statusOf is the status of one of Cinder's "volumes" or "snapshots".
func (s *session) statusOf(ctx context.Context, kind, id string) (string, error) {
	var answer map[string]struct {
		Status string `json:"status"`
	}
	_, err := s.get(ctx, s.volume, path(kind, id), &answer)
	return answer[strings.TrimSuffix(kind, "s")].Status, err
}

// discard removes one of Cinder's "volumes" or "snapshots" as soon as it lets itself be removed, and waits until it is gone.
func (s *session) discard(ctx context.Context, kind, id string) error {
	failed := 0
	return s.follow(ctx, func() (bool, error) {
		status, err := s.statusOf(ctx, kind, id)
		switch {
		case isNotFound(err):
			return true, nil
		case err != nil:
			return false, err
		case strings.HasPrefix(status, "error"):
			if failed++; failed > 1 {
				return false, s.gaveUp(ctx, "delete "+id+" of its "+kind, id)
			}
		case status != "available":
			return false, nil
		}
		_, err = s.do(ctx, s.volume, request{method: http.MethodDelete, path: path(kind, id)})
		if isNotFound(err) {
			err = nil
		}
		return false, err
	})
}

// gaveUp tells that Cinder could not do something with an object, in its words if it has any.
func (s *session) gaveUp(ctx context.Context, what, id string) error {
	var answer struct {
		Messages []struct {
			Text      string `json:"user_message"`
			RequestID string `json:"request_id"`
		} `json:"messages"`
	}
	e := s.refused(cloud.ErrFailed, "Cinder could not "+what, "")
	_, err := s.get(ctx, s.volume, "messages"+query("resource_uuid", id), &answer)
	if err != nil || len(answer.Messages) == 0 { // Where there is none, that is all that is known.
		e.Text += ", and does not say why."
		e.Advice = "Ask the operator; its logs say why."
		return e
	}
	e.Text, e.RequestID = driver.Sentence(e.Text+": "+answer.Messages[0].Text), answer.Messages[0].RequestID
	return e
}
