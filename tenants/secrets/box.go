package secrets

import (
	"bytes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"os"

	"golang.org/x/crypto/chacha20poly1305"

	"muster/tenants/fault"
)

// KeyBytes is the least length of key material: 256 bits.
const KeyBytes = 32

// version is the first byte of a sealed value.
const version = 1

// printBytes is the length of the key's fingerprint in a sealed value.
const printBytes = 4

// Box seals and opens values under one key. It is safe for concurrent use.
type Box struct {
	aead  cipher.AEAD
	print []byte
}

// NewBox makes a box from key material of at least KeyBytes bytes.
func NewBox(material []byte) (*Box, error) {
	if len(material) < KeyBytes {
		return nil, fault.Newf(fault.Invalid, "secrets.short_key", "The key has %d bytes; at least %d are needed.", len(material), KeyBytes)
	}
	key, err := hkdf.Key(sha256.New, material, nil, "muster sealing key", chacha20poly1305.KeySize)
	if err != nil {
		return nil, fmt.Errorf("secrets: derive: %w", err)
	}
	print, err := hkdf.Key(sha256.New, material, nil, "muster key fingerprint", printBytes)
	if err != nil {
		return nil, fmt.Errorf("secrets: derive: %w", err)
	}
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("secrets: cipher: %w", err)
	}
	return &Box{aead: aead, print: print}, nil
}

// OpenFile makes a box from the content of the key file.
func OpenFile(path string) (*Box, error) {
	material, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("secrets: key file: %w", err)
	}
	return NewBox(material)
}

// MakeFile writes a key file of fresh randomness that its owner alone may
// read; it never overwrites one.
func MakeFile(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("secrets: key file: %w", err)
	}
	if _, err = f.Write(Random(KeyBytes)); err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("secrets: key file: %w", err)
	}
	return nil
}

// Random gives n unpredictable bytes.
func Random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	return b
}

// Seal seals a value for a purpose, such as "audit 0198...".
func (b *Box) Seal(purpose string, plain []byte) []byte {
	out := append([]byte{version}, b.print...)
	nonce := Random(b.aead.NonceSize())
	return b.aead.Seal(append(out, nonce...), nonce, plain, []byte(purpose))
}

// Open gives the value of a sealed one. The fault says whether it was sealed
// under another key (secrets.other_key) or is damaged or of another purpose
// (secrets.damaged).
func (b *Box) Open(purpose string, sealed []byte) ([]byte, error) {
	head := 1 + printBytes
	if len(sealed) < head+b.aead.NonceSize()+b.aead.Overhead() || sealed[0] != version {
		return nil, errDamaged
	}
	if !bytes.Equal(sealed[1:head], b.print) {
		return nil, fault.New(fault.Internal, "secrets.other_key", "The value was sealed with another key; start with the key file that was in use then.")
	}
	body := sealed[head:]
	plain, err := b.aead.Open(nil, body[:b.aead.NonceSize()], body[b.aead.NonceSize():], []byte(purpose))
	if err != nil {
		return nil, errDamaged.Wrap(err)
	}
	return plain, nil
}

// errDamaged is the fault of a value that cannot be opened.
var errDamaged = fault.New(fault.Internal, "secrets.damaged", "A sealed value is damaged or belongs elsewhere.")
