// Checks a tree, its tiles, its proofs and a signed note with Go's own implementation of
// transparency logs (golang.org/x/mod/sumdb). Reads a question in JSON; prints what is wrong.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type question struct {
	Leaves      []tlog.Hash // the hashes of all leaves, in base64
	Root        tlog.Hash
	Index       int64 // of the leaf that Inclusion is of
	Inclusion   []tlog.Hash
	Old         int64 // the size of the earlier tree that Consistency is of
	OldRoot     tlog.Hash
	Consistency []tlog.Hash
	Tiles       []tile
	Note        string
	Text        string
	Key         string
}

type tile struct {
	Level, Number int64
	Body          []byte
}

// hashes has the stored hashes of a tree by their index.
type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		found[i] = h[index]
	}
	return found, nil
}

func check(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func main() {
	var asked question
	check(json.NewDecoder(os.Stdin).Decode(&asked))
	var tree hashes
	for n, leaf := range asked.Leaves {
		stored, err := tlog.StoredHashesForRecordHash(int64(n), leaf, tree)
		check(err)
		tree = append(tree, stored...)
	}
	size := int64(len(asked.Leaves))
	root, err := tlog.TreeHash(size, tree)
	check(err)
	if root != asked.Root {
		check(fmt.Errorf("the root is %v, not %v", root, asked.Root))
	}
	check(tlog.CheckRecord(asked.Inclusion, size, root, asked.Index, asked.Leaves[asked.Index]))
	check(tlog.CheckTree(asked.Consistency, size, root, asked.Old, asked.OldRoot))
	for _, kept := range asked.Tiles {
		of := tlog.Tile{H: 8, L: int(kept.Level), N: kept.Number, W: len(kept.Body) / tlog.HashSize}
		body, err := tlog.ReadTileData(of, tree)
		check(err)
		if !bytes.Equal(body, kept.Body) {
			check(fmt.Errorf("tile %d of level %d is another one", kept.Number, kept.Level))
		}
	}
	verifier, err := note.NewVerifier(asked.Key)
	check(err)
	opened, err := note.Open([]byte(asked.Note), note.VerifierList(verifier))
	check(err)
	if opened.Text != asked.Text || len(opened.Sigs) != 1 {
		check(fmt.Errorf("the note says %q", opened.Text))
	}
	_, err = tlog.ParseTree([]byte("go.sum database tree\n" + asked.Text[bytes.IndexByte([]byte(asked.Text), '\n')+1:]))
	check(err)
}
