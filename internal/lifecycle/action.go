package lifecycle

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
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

// ActionTimeout is the attribute "timeout" of an action.
func ActionTimeout(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, CustomType: timetypes.GoDurationType{}, Optional: true}
}

// ActionLimit is what the attribute "timeout" says, or else otherwise.
func ActionLimit(timeout timetypes.GoDuration, otherwise time.Duration, diags *diag.Diagnostics) time.Duration {
	if timeout.IsNull() || timeout.IsUnknown() {
		return otherwise
	}
	limit, problems := timeout.ValueGoDuration()
	if diags.Append(problems...); !problems.HasError() && limit <= 0 {
		diags.AddAttributeError(path.Root("timeout"), fmt.Sprintf("Nothing is over within %s", limit), "Set it to a longer time, such as 30m.")
	}
	return limit
}
