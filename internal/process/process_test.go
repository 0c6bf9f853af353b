package process

import (
	"os"
	"testing"
)

// TestTune switches the SDK's own logging off unless the user asked for any log.
func TestTune(t *testing.T) {
	for name, c := range map[string]struct{ variable, want string }{
		"nobody asked":       {"", "off"},
		"a log of all":       {"TF_LOG", ""},
		"of the core":        {"TF_LOG_CORE", ""},
		"of this provider":   {"TF_LOG_PROVIDER_VDAM", ""},
		"only where it goes": {"TF_LOG_PATH", "off"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("GOGC", "100") // So that the test leaves the collector alone.
			t.Setenv("GOMEMLIMIT", "off")
			for _, v := range append([]string{"TF_LOG", "TF_LOG_CORE", "TF_LOG_PATH", "TF_LOG_PROVIDER_VDAM"}, sdkLogLevels...) {
				t.Setenv(v, "")
			}
			if c.variable != "" {
				t.Setenv(c.variable, "trace")
			}
			Tune()
			for _, level := range sdkLogLevels {
				if got := os.Getenv(level); got != c.want {
					t.Errorf("%s is %q; want %q", level, got, c.want)
				}
			}
		})
	}
}
