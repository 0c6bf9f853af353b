package mover

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"filippo.io/age"
)

// TestKeys: another key opens nothing and adds nothing, an escrow key opens all.
func TestKeys(t *testing.T) {
	s := newMemory()
	escrow := testKey(t)
	identity, err := age.ParseX25519Identity(escrow)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Key: testKey(t), Escrow: []string{identity.Recipient().String()}}
	v := smallVault(t, s, o)
	data := noise(1, 20*int(small.BlockSize))
	p := mustBackup(t, v, data, metaAt(0))

	other := smallVault(t, s, Options{Key: testKey(t)})
	target := &bytesTarget{data: make([]byte, len(data))}
	_, err = other.Restore(t.Context(), p.ID, target, nil)
	want(t, err, WrongKey)
	if target.writes > 0 {
		t.Error("something was restored")
	}
	_, err = other.Backup(t.Context(), data, metaAt(1), nil)
	want(t, err, WrongKey)
	for _, err := range other.RecoveryPoints(t.Context(), Filter{}) {
		want(t, err, WrongKey)
	}

	holder := smallVault(t, s, Options{Key: escrow})
	if !bytes.Equal(mustRestore(t, holder, p), data) || len(points(t, holder)) != 1 {
		t.Error("the escrow key does not restore")
	}
}

// TestKeyForms: what is no key is refused without being repeated, and a post-quantum one is taken.
func TestKeyForms(t *testing.T) {
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{testKey(t), "# created: today\n" + testKey(t) + "\n", hybrid.String()} {
		v := smallVault(t, newMemory(), Options{Key: key})
		data := noise(1, 3*int(small.BlockSize))
		if !bytes.Equal(mustRestore(t, v, mustBackup(t, v, data, metaAt(0))), data) {
			t.Error("what is restored is not what was there")
		}
	}
	secret := testKey(t)
	for _, key := range []string{"", "passphrase", secret[1:], secret + "\n" + secret, secret + "x"} {
		_, err := OpenFolder(t.TempDir(), Options{Key: key})
		want(t, err, Misconfigured)
		if key != "" && strings.Contains(fmt.Sprintf("%v %+v", err, errors.Unwrap(err)), key) {
			t.Errorf("%v tells the key", err)
		}
	}
	_, err = OpenFolder(t.TempDir(), Options{Key: secret, Escrow: []string{"age1nobody"}})
	want(t, err, Misconfigured)
}

// TestNothingInTheClear: neither names nor contents of objects tell what is in them.
func TestNothingInTheClear(t *testing.T) {
	s := newMemory()
	v := smallVault(t, s, Options{Key: testKey(t)})
	canary := []byte("canary-of-the-agency")
	m := metaAt(0)
	m.Name, m.Labels = string(canary), map[string]string{string(canary): string(canary)}
	m.ID = string(canary)
	mustBackup(t, v, plainSource(bytes.Repeat(canary, 5000)), m)
	for name, data := range s.objects {
		if bytes.Contains(data, canary) || strings.Contains(name, string(canary)) {
			t.Errorf("%s tells what is in it", name)
		}
	}
}

// TestErrorsSayWhatIsSafe: every kind of failure says what to do, and each operation what is safe.
func TestErrorsSayWhatIsSafe(t *testing.T) {
	seen := map[string]Kind{}
	for kind := Misconfigured; kind <= Canceled; kind++ {
		for _, op := range []Operation{opCheck, opList, opBackup, opRestore} {
			e := &Error{Kind: kind, Operation: op, Vault: "s3://b", Detail: "it went wrong"}
			if e.Safe() == "" || e.Advice() == "" && kind != Misconfigured {
				t.Errorf("%v says not what is safe, or what to do", e)
			}
			if other, ok := seen[e.Advice()]; ok && other != kind && other != CutShort && other != Tampered {
				t.Errorf("the kinds %d and %d give the same advice", kind, other)
			}
			seen[e.Advice()] = kind
			if strings.Contains(e.Error(), "..") || !strings.HasSuffix(e.Error(), ".") {
				t.Errorf("%q is not made of sentences", e.Error())
			}
		}
	}
}
