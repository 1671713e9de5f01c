// A FerretDB on SQLite that speaks MongoDB's protocol, for the tests of the MongoDB store.
//
// FerretDB's own program panics when it is built as a dependency (build/version/version.txt is not in its module); its package
// for embedding does not, and it reports nothing to anybody.
package main

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

// Usage: ferretdb <folder>. Prints its URL, which names a free port, and runs until SIGTERM.
func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: ferretdb <folder for its data>")
	}
	db, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: "127.0.0.1:0"},
		Handler:   "sqlite",
		SQLiteURL: "file:" + os.Args[1] + "/",
		Logger:    slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	go func() { fmt.Println(db.MongoDBURI()) }()
	if err := db.Run(ctx); err != nil {
		log.Fatal(err)
	}
}
