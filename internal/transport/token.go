package transport

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// TokenSource gives access tokens. It is used by many goroutines at a time.
type TokenSource interface {
	// Token returns a token that is believed to be valid.
	Token(ctx context.Context) (string, error)
	// Invalidate says that the operator did not accept a token, which may be an older one than the present.
	Invalidate(token string)
}

// StaticToken is a token that never changes.
type StaticToken string

// Token returns the token.
func (t StaticToken) Token(context.Context) (string, error) {
	if token := strings.TrimSpace(string(t)); token != "" {
		return token, nil
	}
	return "", &Error{
		Kind: Misconfigured, Detail: "token is empty", Advice: "Set the operator's token, or other credentials.",
	}
}

// Invalidate does nothing: there is no other token.
func (StaticToken) Invalidate(string) {}

// FileToken is the token in a file that something else keeps fresh. The file is read again when it has changed, and
// when its token is no longer accepted.
func FileToken(path string) TokenSource { return &fileToken{path: path} }

type fileToken struct {
	path string

	mu       sync.Mutex
	token    string
	modified time.Time
}

// Token reads the file if need be.
func (f *fileToken) Token(context.Context) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	info, err := os.Stat(f.path)
	if err != nil {
		return "", unreadable("token_file", f.path, err)
	}
	if f.token != "" && info.ModTime().Equal(f.modified) {
		return f.token, nil
	}
	token, err := readSecret("token_file", f.path)
	if err != nil {
		return "", err
	}
	f.token, f.modified = token, info.ModTime()
	return token, nil
}

// Invalidate has the file read again, unless that has happened already.
func (f *fileToken) Invalidate(token string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.token == token {
		f.token = ""
	}
}

// readSecret reads a file with a token as its only content. Setting is the file's name in the configuration.
func readSecret(setting, path string) (string, error) {
	raw, err := os.ReadFile(path) //nolint:gosec // The user names the file in the provider block.
	if err != nil {
		return "", unreadable(setting, path, err)
	}
	secret := strings.TrimSpace(string(raw))
	if secret == "" || strings.ContainsAny(secret, "\r\n") {
		return "", &Error{
			Kind: Misconfigured, Detail: fmt.Sprintf("%s %s is not a single line with a token", setting, path),
			Advice: "Check what writes the file.",
		}
	}
	return secret, nil
}

func unreadable(setting, path string, err error) *Error {
	return &Error{
		Kind: Misconfigured, Detail: fmt.Sprintf("%s %s could not be read: %s", setting, path, fileReason(err)),
		Advice: "Correct the path or the file's permissions.", Cause: err,
	}
}
