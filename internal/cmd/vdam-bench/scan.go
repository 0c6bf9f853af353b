package main

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
)

// secret is a planted text that must be found nowhere.
type secret struct{ name, text string }

// The encodings that a secret is looked for in.
const (
	asPlain  = "plain"
	asURL    = "URL-encoded"
	asBase64 = "base64"
)

// form is how a secret would look in some encoding.
type form struct{ encoding, text string }

var escapes = regexp.MustCompile(`%[0-9A-F]{2}`)

// forms are all that a secret is looked for as. Base64 depends on how many bytes stand before the secret, so that
// there are three of each alphabet, without the letters that its neighbours have a part in.
func (s secret) forms() []form {
	quoted, _ := json.Marshal(s.text) // Text can always be written.
	plain := []string{s.text, strings.Trim(string(quoted), `"`)}
	var encoded []string
	for _, e := range []string{url.QueryEscape(s.text), url.PathEscape(s.text), url.UserPassword("", s.text).String()[1:]} {
		encoded = append(encoded, e, escapes.ReplaceAllStringFunc(e, strings.ToLower))
	}
	var all []form
	add := func(encoding, text string) {
		if !slices.ContainsFunc(all, func(f form) bool { return f.text == text }) {
			all = append(all, form{encoding, text})
		}
	}
	for _, text := range plain {
		add(asPlain, text)
	}
	for _, text := range encoded {
		add(asURL, text)
	}
	for _, text := range slices.Concat(plain, encoded) {
		for _, alphabet := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			for before := range 3 {
				add(asBase64, middle(alphabet, text, before))
			}
		}
	}
	return all
}

// middle is the base64 of a text behind some other bytes, without what depends on these or on what follows.
func middle(alphabet *base64.Encoding, text string, before int) string {
	const bits, letter = 8, 6
	encoded := alphabet.EncodeToString(append(make([]byte, before), text...))
	first := (before*bits + letter - 1) / letter
	end := (before + len(text)) * bits / letter
	return encoded[first:end]
}

// finding is a secret where it must not be.
type finding struct{ secret, encoding, place string }

func (f finding) String() string { return fmt.Sprintf("%s, %s, in %s", f.secret, f.encoding, f.place) }

// scan looks for secrets; of each and each encoding it tells once.
func scan(place string, content []byte, secrets []secret) (found []finding) {
	for _, s := range secrets {
		for _, f := range s.forms() {
			hit := finding{s.name, f.encoding, place}
			if !slices.Contains(found, hit) && bytes.Contains(content, []byte(f.text)) {
				found = append(found, hit)
			}
		}
	}
	return found
}

// scanFile scans a file, and all that is in it if it is a plan.
func scanFile(place, file string, secrets []secret) ([]finding, error) {
	raw, err := os.ReadFile(file) //nolint:gosec // The file is the bench's own.
	if err != nil {
		return nil, err
	}
	found := scan(place, raw, secrets)
	packed, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return found, nil //nolint:nilerr // It is no plan.
	}
	for _, f := range packed.File {
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		found = append(found, scan(place, content, secrets)...)
	}
	return found, nil
}

// without is a JSON document less all values of a key.
func without(raw []byte, key string) ([]byte, error) {
	var document any
	if err := json.Unmarshal(raw, &document); err != nil {
		return nil, fmt.Errorf("reading JSON: %w", err)
	}
	var drop func(any)
	drop = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			delete(v, key)
			for _, child := range v {
				drop(child)
			}
		case []any:
			for _, child := range v {
				drop(child)
			}
		}
	}
	drop(document)
	return json.Marshal(document)
}

// scanControl proves that a scan finds each secret in each encoding: they are written, as any program would write
// them, into a copy of a file that was just scanned.
func scanControl(file string, secrets []secret) error {
	raw, err := os.ReadFile(file) //nolint:gosec // As above.
	if err != nil {
		return err
	}
	for _, s := range secrets {
		for encoding, texts := range planted(s.text) {
			for _, text := range texts {
				copied, expected := file+".control", encoding
				if strings.Contains(text, s.text) {
					expected = asPlain // It has nothing to encode.
				}
				half := len(raw) / 2
				content := slices.Concat(raw[:half], []byte(text), raw[half:])
				if err := os.WriteFile(copied, content, 0o600); err != nil { //nolint:gosec // As above.
					return err
				}
				found, err := scanFile("the control", copied, []secret{s})
				if err != nil {
					return err
				}
				if !slices.Contains(found, finding{s.name, expected, "the control"}) {
					return fmt.Errorf("the control failed: %s was planted %s, and not found", s.name, encoding)
				}
			}
		}
	}
	return nil
}

// planted are texts with a secret in each encoding.
func planted(text string) map[string][]string {
	return map[string][]string{
		asPlain: {text},
		asURL:   {"https://proxy.example/?q=" + url.QueryEscape(text), "/v1/" + url.PathEscape(text)},
		asBase64: {
			base64.StdEncoding.EncodeToString([]byte(text)), base64.StdEncoding.EncodeToString([]byte(":" + text + "\n")),
			base64.URLEncoding.EncodeToString([]byte("id" + text)), base64.RawURLEncoding.EncodeToString([]byte("user:" + url.QueryEscape(text))),
		},
	}
}
