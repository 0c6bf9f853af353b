package testbed

import "net"

// FreeAddress returns one at loopback that nobody listens on now.
func FreeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // It does not wait.
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
