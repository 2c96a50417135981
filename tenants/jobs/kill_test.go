package jobs

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/tenants/database"
)

// childVariable carries the options of the database to a worker process.
const childVariable = "MUSTER_TEST_JOBS_CHILD"

// The work of the kill test: this many effects, and the child stops for ever
// in the middle of the one named.
const (
	effects  = 6
	deadlock = 3
)

// TestMain runs the tests, or the worker process that one of them kills.
func TestMain(m *testing.M) {
	if text := os.Getenv(childVariable); text != "" {
		if err := runChild(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// runChild works on jobs until it is killed.
func runChild(text string) error {
	var options database.Options
	if err := json.Unmarshal([]byte(text), &options); err != nil {
		return err
	}
	db, err := database.Open(context.Background(), options)
	if err != nil {
		return err
	}
	pool := NewPool(New(db), Options{Workers: 1, Poll: 10 * time.Millisecond})
	pool.Handle("work", 1, func(ctx context.Context, run *Running) (any, error) {
		return nil, makeEffects(ctx, db, run, "child", func(step int) {
			if step == deadlock {
				fmt.Println("ready") // its transaction is open and will never commit
				select {}
			}
		})
	})
	return pool.Run(context.Background())
}

// effect is a row that a step of the work leaves behind; any system table does.
type effect struct {
	Name      string `gorm:"primaryKey"`
	Seq       int64
	UpdatedAt int64 `gorm:"autoUpdateTime:false"`
}

// TableName names the table.
func (effect) TableName() string { return "event_cursors" }

// makeEffects makes the effects that are not there yet, one transaction each,
// and ends the job in the last.
func makeEffects(ctx context.Context, db *database.DB, run *Running, by string, during func(step int)) error {
	for step := range effects {
		err := db.Write(ctx, machine, func(tx *database.Tx) error {
			if err := run.Hold(tx); err != nil {
				return err
			}
			var there int64
			if err := tx.Model(&effect{}).Where("seq = ?", step).Count(&there).Error; err != nil || there > 0 {
				return err
			}
			if err := tx.Create(&effect{Name: fmt.Sprint(by, step), Seq: int64(step)}).Error; err != nil {
				return err
			}
			during(step)
			if step == effects-1 {
				return run.Finish(tx, by)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// TestKilledWorkerLosesAndDoublesNothing kills a process with SIGKILL in the
// middle of a transaction and lets another node end its job.
func TestKilledWorkerLosesAndDoublesNothing(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		job := b.enqueue(t, nil)
		options := b.options
		options.Clock = nil
		text, err := json.Marshal(options)
		require.NoError(t, err)
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), childVariable+"="+string(text))
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, child.Start())
		line, err := bufio.NewReader(out).ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, "ready\n", line)
		require.NoError(t, child.Process.Kill())
		require.Error(t, child.Wait(), "it was killed")

		orphan := b.read(t, job.ID)
		require.Equal(t, Working, orphan.Status, "the row says what the dead worker left")
		b.run(t, Options{}, func(ctx context.Context, run *Running) (any, error) {
			return nil, makeEffects(ctx, b.db, run, "heir", func(int) {})
		})
		b.clock.forward(time.Minute) // beyond the lease
		require.Eventually(t, func() bool { return b.read(t, job.ID).Status != Working }, 20*time.Second, 5*time.Millisecond)
		b.clock.forward(time.Minute) // beyond the wait
		done := b.await(t, job.ID)
		require.Equal(t, Done, done.Status)
		require.Equal(t, `"heir"`, done.Result)
		require.Equal(t, 2, done.Attempt)

		var rows []effect
		require.NoError(t, b.db.Read(t.Context(), machine, func(tx *database.Tx) error { return tx.Order("seq").Find(&rows).Error }))
		require.Len(t, rows, effects)
		for i, row := range rows {
			by := "heir"
			if i < deadlock {
				by = "child"
			}
			require.Equal(t, fmt.Sprint(by, i), row.Name)
		}
	})
}
