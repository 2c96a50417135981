package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"muster/routing/feeds/tail"
)

// feedFlags say where events go.
type feedFlags struct {
	to, token, tokenFile string
}

func (f *feedFlags) register(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.to, "to", "", "address of the feed: https://muster.example/api/v1/feeds/ID/events (required)")
	fl.StringVar(&f.token, "token", "", "the feed's token; better in MUSTER_FEED_TOKEN or --token-file, where other users of the machine do not see it")
	fl.StringVar(&f.tokenFile, "token-file", "", "file that holds the feed's token")
	_ = cmd.MarkFlagRequired("to") // the flag exists
}

// target makes the target of the flags.
func (f *feedFlags) target(cmd *cobra.Command) (tail.Target, error) {
	token := f.token
	if token == "" {
		token = os.Getenv("MUSTER_FEED_TOKEN")
	}
	if f.tokenFile != "" {
		b, err := os.ReadFile(f.tokenFile)
		if err != nil {
			return tail.Target{}, err
		}
		token = strings.TrimSpace(string(b))
	}
	if token == "" {
		return tail.Target{}, errors.New("the feed's token is missing: give --token-file, --token or MUSTER_FEED_TOKEN")
	}
	url := strings.TrimSuffix(f.to, "/")
	if !strings.HasSuffix(url, "/events") {
		url += "/events"
	}
	return tail.Target{URL: url, Token: token, Log: logTo(cmd.ErrOrStderr())}, nil
}

// logTo writes messages as lines.
func logTo(out io.Writer) func(string, ...any) {
	return func(format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) } // a terminal that is gone hears nothing
}

// newFeedCommand groups the commands that send events to a feed.
func newFeedCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "feed", Short: "Send live events of another exchange to a feed"}
	cmd.AddCommand(newFeedTailCommand(), newFeedPostCommand())
	return cmd
}

// newFeedTailCommand follows a log of the exchange.
func newFeedTailCommand() *cobra.Command {
	var f feedFlags
	var follow tail.Follower
	var once, quiet bool
	cmd := &cobra.Command{
		Use:   "tail queue_log",
		Short: "Follow Asterisk's queue_log and send its events",
		Long: `Follows the log through rotation and truncation and sends its lines in batches, with
retries. The place that was reached is kept in a file, so that a run which was killed
is gone on with; lines that are sent twice count once. --once sends a whole log and ends.`,
		Example: "  muster feed tail queue_log --file /var/log/asterisk/queue_log --to https://muster.example/api/v1/feeds/ID/events --token-file /etc/muster/feed.token",
		Args:    cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs), ValidArgs: []string{"queue_log"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			target, err := f.target(cmd)
			if err != nil {
				return err
			}
			follow.Target, follow.Log = target, logTo(cmd.ErrOrStderr())
			var total tail.Totals
			follow.Took = func(lines int, t tail.Totals) {
				total.Add(t)
				if !quiet {
					follow.Log("%d lines: %d accepted, %d known, %d refused, %d ignored, %d waiting for a name", lines, t.Accepted, t.Duplicates, t.Refused, t.Ignored, t.Waiting)
				}
				for _, r := range t.Reasons {
					follow.Log("%s: %s", r.ID, r.Detail)
				}
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			if !once {
				if follow.State == "" {
					follow.State = follow.Path + ".muster"
				}
				return follow.Run(ctx)
			}
			follow.State = ""
			if err := follow.Once(ctx); err != nil {
				return err
			}
			return reportTotals(cmd.OutOrStdout(), total)
		},
	}
	f.register(cmd)
	fl := cmd.Flags()
	fl.StringVar(&follow.Path, "file", "/var/log/asterisk/queue_log", "the log")
	fl.StringVar(&follow.State, "state", "", "file that keeps the place reached; beside the log when absent, with the ending .muster")
	fl.IntVar(&follow.Batch, "batch", 500, "lines per request, at most 5000")
	fl.DurationVar(&follow.Poll, "poll", 0, "how often to look for more; half a second when absent")
	fl.BoolVar(&once, "once", false, "send the whole log as it is and end")
	fl.BoolVar(&quiet, "quiet", false, "say only what is unusual")
	return cmd
}

// reportTotals prints what became of the events; when any was refused the answer is no.
func reportTotals(out io.Writer, t tail.Totals) error {
	_, err := fmt.Fprintf(out, "%d accepted, %d known already, %d refused, %d ignored, %d waiting for a name\n", t.Accepted, t.Duplicates, t.Refused, t.Ignored, t.Waiting)
	if err == nil && t.Refused > 0 {
		return exitError{exitFailure}
	}
	return err
}

// linesPerPost is how many lines of a file one request carries.
const linesPerPost = 1000

// newFeedPostCommand sends a file of events.
func newFeedPostCommand() *cobra.Command {
	var f feedFlags
	cmd := &cobra.Command{
		Use:     "post FILE",
		Short:   "Send a file of events: .ndjson, .json or .csv; - reads NDJSON from standard input",
		Example: "  muster feed post events.ndjson --to https://muster.example/api/v1/feeds/ID/events --token-file feed.token",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			target, err := f.target(cmd)
			if err != nil {
				return err
			}
			var content []byte
			if args[0] == "-" {
				content, err = io.ReadAll(cmd.InOrStdin())
			} else {
				content, err = os.ReadFile(args[0])
			}
			if err != nil {
				return err
			}
			kind, bodies := feedBodies(filepath.Ext(args[0]), content)
			var total tail.Totals
			for _, body := range bodies {
				got, err := target.Send(cmd.Context(), kind, body)
				if err != nil {
					return err
				}
				total.Add(got)
				for _, r := range got.Reasons {
					b, _ := json.Marshal(r) // numbers and texts
					target.Log("%s", b)
				}
			}
			return reportTotals(cmd.OutOrStdout(), total)
		},
	}
	f.register(cmd)
	return cmd
}

// feedBodies cuts a file into bodies of requests; a table's header goes before each.
func feedBodies(ext string, content []byte) (kind string, bodies [][]byte) {
	if ext == ".json" {
		return "application/json", [][]byte{content}
	}
	kind = "application/x-ndjson"
	var header []byte
	if ext == ".csv" {
		kind = "text/csv"
		header, content, _ = bytes.Cut(content, []byte("\n"))
		header = append(bytes.Clone(header), '\n')
	}
	for len(content) > 0 {
		end := 0
		for n := 0; n < linesPerPost && end < len(content); n++ {
			next := bytes.IndexByte(content[end:], '\n')
			if next < 0 {
				end = len(content)
				break
			}
			end += next + 1
		}
		bodies = append(bodies, append(bytes.Clone(header), content[:end]...))
		content = content[end:]
	}
	return kind, bodies
}
