package mover

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

// NewKey makes a key for [Options]: an age identity, the same as `age-keygen` makes. Whoever loses it loses the backups.
func NewKey() (string, error) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return "", err
	}
	return identity.String(), nil
}

// crypt compresses and encrypts what leaves, and undoes it. It may be used by several goroutines.
type crypt struct {
	identity   age.Identity
	recipients []age.Recipient
	// naming keeps names from telling whether something known is in the vault.
	naming []byte
	// id names the key in the vault without telling anything of it.
	id string

	pack   *zstd.Encoder
	unpack *zstd.Decoder
}

func newCrypt(key string, escrow []string) (*crypt, error) {
	identity, recipient, err := parseIdentity(key)
	if err != nil {
		return nil, err
	}
	c := &crypt{identity: identity, recipients: []age.Recipient{recipient}}
	for _, text := range escrow {
		more, err := age.ParseRecipients(strings.NewReader(text))
		if err != nil || len(more) != 1 {
			return nil, fail(Misconfigured, err, "an escrow recipient has to be like age1…, as `age-keygen -y` prints it")
		}
		c.recipients = append(c.recipients, more...)
	}
	secret := []byte(fmt.Sprint(identity))
	if c.naming, err = hkdf.Key(sha256.New, secret, nil, formatName+" names", sha256.Size); err != nil {
		return nil, err
	}
	id, err := hkdf.Key(sha256.New, secret, nil, formatName+" key id", 4)
	if err != nil {
		return nil, err
	}
	c.id = hex.EncodeToString(id)
	return c, c.compression()
}

func parseIdentity(key string) (age.Identity, age.Recipient, error) {
	identities, err := age.ParseIdentities(strings.NewReader(key))
	if err != nil || len(identities) != 1 {
		// The cause may quote the key.
		return nil, nil, fail(Misconfigured, nil, "the encryption key has to be one age identity, AGE-SECRET-KEY-…, as `age-keygen` makes it")
	}
	switch i := identities[0].(type) {
	case *age.X25519Identity:
		return i, i.Recipient(), nil
	case *age.HybridIdentity:
		return i, i.Recipient(), nil
	}
	return nil, nil, fail(Misconfigured, nil, "this type of age identity is not supported as encryption key")
}

func (c *crypt) compression() (err error) {
	c.pack, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(workers),
		zstd.WithWindowSize(1<<20), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return err
	}
	c.unpack, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(workers), zstd.WithDecoderMaxMemory(maxDocument),
		zstd.WithDecoderLowmem(true))
	return err
}

// mac names something by the key: the same always gets the same name.
func (c *crypt) mac(parts ...[]byte) []byte {
	h := hmac.New(sha256.New, c.naming)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// scratch is what one goroutine works with, so that blocks do not become garbage: each step goes from one buffer into the
// other.
type scratch struct{ even, odd []byte }

// newScratches makes some that are free. They take memory only once they are used.
func newScratches(n int) chan *scratch {
	free := make(chan *scratch, n)
	for range n {
		free <- &scratch{}
	}
	return free
}

// grow makes room for a block, before and after it is sealed.
func (s *scratch) grow(block int64) {
	size := int(block) + maxSealed - maxBlock
	if cap(s.even) < size || cap(s.odd) < size {
		s.even, s.odd = make([]byte, 0, size), make([]byte, 0, size)
	}
}

// buffer is where writes of a step go.
type buffer []byte

func (b *buffer) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	return len(p), nil
}

// seal returns what goes into the vault: an age file of a zstd frame. It is in the scratch, where plain may be in even.
func (c *crypt) seal(plain []byte, s *scratch) ([]byte, error) {
	s.odd = c.pack.EncodeAll(plain, s.odd[:0])
	sealed := buffer(s.even[:0])
	w, err := age.Encrypt(&sealed, c.recipients...)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(s.odd); err != nil {
		return nil, err
	}
	err = w.Close()
	s.even = sealed
	return sealed, err
}

// open undoes seal. What it returns is in the scratch, where sealed may be in even.
func (c *crypt) open(name string, sealed []byte, s *scratch) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), c.identity)
	if err != nil {
		return nil, notOpened(name, err)
	}
	if s.odd, err = read(r, name, s.odd, maxDocument); err != nil {
		return nil, notOpened(name, err)
	}
	if s.even, err = c.unpack.DecodeAll(s.odd, s.even[:0]); err != nil {
		return nil, fail(Tampered, err, "the object %s is not compressed as it has to be", name)
	}
	return s.even, nil
}

func notOpened(name string, err error) error {
	var other *age.NoIdentityMatchError
	switch {
	case errors.As(err, &other):
		return fail(WrongKey, err, "the object %s is encrypted with another key", name)
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return fail(CutShort, err, "the object %s lacks its end", name)
	}
	return fail(Tampered, err, "the object %s was changed after it was written", name)
}
