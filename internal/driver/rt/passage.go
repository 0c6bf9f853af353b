package rt

import (
	"html"
	"strings"
)

// passage is a part of a message, or a file.
type passage struct {
	ID                             text `json:"id"`
	TransactionID                  text `json:"TransactionId"`
	ContentType, Filename, Content text
	ContentLength                  text
	Created                        moment
}

func (p passage) number() int64 { return p.ID.number(0) }

func (p passage) isHTML() bool {
	return strings.HasPrefix(strings.ToLower(string(p.ContentType)), "text/html")
}

// wordsOf puts the parts of messages together, by transaction. Of a message in two forms, the plain one is taken.
func wordsOf(parts []passage) map[text]string {
	plain, rich := make(map[text][]string), make(map[text][]string)
	for _, p := range parts {
		if p.isHTML() {
			rich[p.TransactionID] = append(rich[p.TransactionID], plainText(string(p.Content)))
		} else {
			plain[p.TransactionID] = append(plain[p.TransactionID], string(p.Content))
		}
	}
	out := make(map[text]string, len(plain)+len(rich))
	for id, texts := range rich {
		out[id] = strings.Join(texts, "\n")
	}
	for id, texts := range plain {
		if joined := strings.Join(texts, "\n"); strings.TrimSpace(joined) != "" || out[id] == "" {
			out[id] = joined
		}
	}
	return out
}

// breaks are the elements before and after which a line ends, unspoken those of which the content is no text.
var (
	breaks = map[string]bool{
		"br": true, "p": true, "div": true, "li": true, "ul": true, "ol": true, "tr": true, "table": true, "hr": true,
		"blockquote": true, "pre": true, "h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true,
	}
	unspoken = map[string]bool{"script": true, "style": true, "head": true, "title": true}
)

// plainText is the text of a page, as far as an error message or a log needs it. RT's own editor writes in HTML.
func plainText(page string) string {
	var b strings.Builder
	silent := ""
	for page != "" {
		words, rest, tagged := strings.Cut(page, "<")
		if silent == "" {
			// White space means nothing there, not even the end of a line.
			b.WriteString(spaces.Replace(words))
		}
		if !tagged {
			break
		}
		var tag string
		if strings.HasPrefix(rest, "!--") {
			_, page, _ = strings.Cut(rest, "-->")
			continue
		}
		tag, page, _ = strings.Cut(rest, ">")
		name, closing := tagName(tag)
		switch {
		case silent != "" && closing && name == silent:
			silent = ""
		case silent == "" && !closing && unspoken[name]:
			silent = name
		case silent == "" && breaks[name]:
			b.WriteString("\n")
		}
	}
	var lines []string
	for line := range strings.SplitSeq(html.UnescapeString(b.String()), "\n") {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

var spaces = strings.NewReplacer("\r", " ", "\n", " ", "\t", " ")

// tagName is the element of a tag, in lower case.
func tagName(tag string) (name string, closing bool) {
	tag, closing = strings.CutPrefix(tag, "/")
	end := strings.IndexFunc(tag, func(r rune) bool { return r == ' ' || r == '/' || r == '\t' || r == '\n' || r == '\r' })
	if end >= 0 {
		tag = tag[:end]
	}
	return strings.ToLower(tag), closing
}
