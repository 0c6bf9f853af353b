package s3

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/minio/minio-go/v7/pkg/signer"
)

// createUser makes a user by the server's own API. Its role is user, which may do what a policy lets it, or userplus, which
// may also make buckets.
func (s *Server) createUser(ctx context.Context, u User, role string) error {
	body, err := xml.Marshal(struct { //nolint:gosec // The server has to know the secret.
		XMLName              xml.Name `xml:"Account"`
		Access, Secret, Role string
	}{Access: u.AccessKey, Secret: u.SecretKey, Role: role})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPatch, s.Endpoint+"/create-user", bytes.NewReader(body))
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	req.Header.Set("X-Amz-Content-Sha256", hex.EncodeToString(sum[:]))
	req = signer.SignV4(*req, s.Root.AccessKey, s.Root.SecretKey, "", Region)
	resp, err := s.transport.RoundTrip(req)
	if err != nil {
		return err
	}
	said, err := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("the server answers %s: %s", resp.Status, said)
	}
	return nil
}
