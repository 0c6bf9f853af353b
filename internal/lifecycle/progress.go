package lifecycle

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/action"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// Tell tells whoever waits for an action how it goes on. It can be called from anywhere, and never waits.
type Tell func(format string, args ...any)

// messagesKept is how many messages may be on their way; what is more is not told.
const messagesKept = 100

// Telling gives an action its Tell, and the end of it, which sees to it that all was told. Where nobody listens any more,
// such as when Terraform was killed, SendProgress never returns: that must not keep an action from tidying up.
func Telling(ctx context.Context, resp *action.InvokeResponse) (tell Tell, end func()) {
	messages, over, told := make(chan string, messagesKept), make(chan struct{}), make(chan struct{})
	send := func(message string) {
		if resp.SendProgress != nil {
			resp.SendProgress(action.InvokeProgressEvent{Message: message})
		}
	}
	go func() {
		defer close(told)
		for {
			select {
			case m := <-messages:
				send(m)
			case <-over:
				for len(messages) > 0 {
					send(<-messages)
				}
				return
			}
		}
	}()
	tell = func(format string, args ...any) {
		select {
		case messages <- fmt.Sprintf(format, args...):
		default:
		}
	}
	return tell, func() {
		close(over)
		select {
		case <-told:
		case <-ctx.Done():
		}
	}
}

// Watched is a collection that shows each object that somebody waits for, as often as the operator answers.
func Watched[S any, O cloud.Object](c cloud.Collection[S, O], seen func(O)) cloud.Collection[S, O] {
	return watched[S, O]{c, seen}
}
