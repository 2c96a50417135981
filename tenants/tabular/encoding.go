package tabular

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"muster/tenants/fault"
)

// sampleSize is how many bytes decide about encoding and delimiter.
const sampleSize = 64 << 10

// encodings maps the names a mapping may state to decoders; nil means UTF-8 as it is.
var encodings = map[string]encoding.Encoding{
	"utf-8":        nil,
	"utf-16le":     unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
	"utf-16be":     unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
	"gb18030":      simplifiedchinese.GB18030,
	"big5":         traditionalchinese.Big5,
	"shift-jis":    japanese.ShiftJIS,
	"windows-1252": charmap.Windows1252,
	"iso-8859-1":   charmap.ISO8859_1,
}

// encodingAliases are other common spellings.
var encodingAliases = map[string]string{
	"utf8": "utf-8", "utf-8-sig": "utf-8", "utf16le": "utf-16le", "utf16be": "utf-16be", "utf-16": "utf-16le",
	"gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030", "sjis": "shift-jis", "latin1": "iso-8859-1", "cp1252": "windows-1252",
}

// encodingNames lists the allowed names for messages.
func encodingNames() string {
	names := make([]string, 0, len(encodings))
	for name := range encodings {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// canonicalEncoding resolves a stated name; the empty name stays empty (detect).
func canonicalEncoding(name string) (string, error) {
	n := strings.ToLower(strings.TrimSpace(name))
	if alias, ok := encodingAliases[n]; ok {
		n = alias
	}
	if _, ok := encodings[n]; n != "" && !ok {
		return "", fault.Newf(fault.Invalid, "import.unknown_encoding", "Encoding %q is unknown; allowed are: %s.", name, encodingNames()).With("encoding", name)
	}
	return n, nil
}

// decodeText gives the stream as UTF-8 without byte order mark, and the name of the
// encoding that was stated or found. A file that begins in plain ASCII is decided
// at its first other byte, so name is a pointer that is final once reading is over.
func decodeText(in *bufio.Reader, stated string) (io.Reader, *string, error) {
	name, err := canonicalEncoding(stated)
	if err != nil {
		return nil, nil, err
	}
	sample, err := in.Peek(sampleSize)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, nil, readFailed(1, err)
	}
	bom, length := byteOrderMark(sample)
	if bom != "" && (name == "" || name == bom) {
		name = bom
		if _, err := in.Discard(length); err != nil {
			return nil, nil, readFailed(1, err)
		}
	}
	if name == "" {
		name = utf16WithoutMark(sample)
	}
	if name == "" {
		lazy := &lazyDecoder{in: in, name: "utf-8"}
		return lazy, &lazy.name, nil
	}
	if e := encodings[name]; e != nil {
		return transform.NewReader(in, e.NewDecoder()), &name, nil
	}
	return in, &name, nil
}

// byteOrderMark names the encoding a mark at the beginning states.
func byteOrderMark(b []byte) (string, int) {
	switch {
	case bytes.HasPrefix(b, []byte{0xEF, 0xBB, 0xBF}):
		return "utf-8", 3
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE}):
		return "utf-16le", 2
	case bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		return "utf-16be", 2
	}
	return "", 0
}

// utf16WithoutMark recognises UTF-16 by where its zero bytes stand: at least a
// third of one half of the pairs (ASCII digits, delimiters), almost none of the other.
func utf16WithoutMark(b []byte) string {
	pairs := len(b) / 2
	if pairs < 4 {
		return ""
	}
	even, odd := 0, 0
	for i := 0; i+1 < len(b); i += 2 {
		if b[i] == 0 {
			even++
		}
		if b[i+1] == 0 {
			odd++
		}
	}
	switch {
	case odd*3 >= pairs && even*50 <= pairs:
		return "utf-16le"
	case even*3 >= pairs && odd*50 <= pairs:
		return "utf-16be"
	}
	return ""
}

// lazyDecoder passes ASCII through and decides between UTF-8 and GB18030 at the
// first byte beyond it, looking at the block that follows.
type lazyDecoder struct {
	in      *bufio.Reader
	name    string
	decided io.Reader
}

func (l *lazyDecoder) Read(p []byte) (int, error) {
	if l.decided != nil {
		return l.decided.Read(p)
	}
	block, err := l.in.Peek(sampleSize)
	if len(block) == 0 {
		return 0, err
	}
	ascii := 0
	for ascii < len(block) && block[ascii] < utf8.RuneSelf {
		ascii++
	}
	if ascii > 0 {
		n := copy(p, block[:ascii])
		_, _ = l.in.Discard(n) // n bytes are buffered
		return n, nil
	}
	if err := l.decide(block); err != nil {
		return 0, err
	}
	return l.decided.Read(p)
}

// decide looks at a block that begins with a byte beyond ASCII.
func (l *lazyDecoder) decide(block []byte) error {
	if mostlyUTF8(block) {
		l.decided = l.in
		return nil
	}
	decoded, _ := simplifiedchinese.GB18030.NewDecoder().Bytes(block)
	bad := bytes.Count(decoded, []byte("\uFFFD"))
	if len(block) == sampleSize && bad > 0 {
		bad-- // the block's end may cut a character
	}
	if bad*200 > len(decoded) || !mostlyHan(decoded) {
		return fault.Newf(fault.Invalid, "import.unknown_text_encoding",
			"The file's text is neither UTF-8 nor GB18030; state its encoding (%s).", encodingNames())
	}
	l.name = "gb18030"
	l.decided = transform.NewReader(l.in, simplifiedchinese.GB18030.NewDecoder())
	return nil
}

// mostlyUTF8 reports whether the block is UTF-8, apart from a rune cut at its end and
// from single damaged rows: text in another encoding has far more invalid bytes than
// valid sequences.
func mostlyUTF8(block []byte) bool {
	valid, invalid := 0, 0
	for i := 0; i < len(block); {
		r, size := utf8.DecodeRune(block[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			if len(block)-i >= utf8.UTFMax || utf8.FullRune(block[i:]) {
				invalid++
			}
		case size > 1:
			valid++
		}
		i += size
	}
	return invalid*2 <= valid
}

// mostlyHan reports whether most letters beyond ASCII are common Chinese characters
// or punctuation; Western single-byte text read as GB18030 gives rare ones.
func mostlyHan(text []byte) bool {
	common, other := 0, 0
	for _, r := range string(text) {
		switch {
		case r < utf8.RuneSelf:
		case r >= 0x4E00 && r <= 0x9FFF, r >= 0x3000 && r <= 0x303F, r >= 0xFF00 && r <= 0xFFEF, r >= 0x2010 && r <= 0x203F:
			common++
		default:
			other++
		}
	}
	return common >= 3*other
}
