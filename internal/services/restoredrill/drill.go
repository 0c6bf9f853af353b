package restoredrill

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// together is how many volumes are restored at once.
const together = 4

// drill restores the newest recovery points of a plan beside everything that lives, and judges by what came of it.
type drill struct {
	// vaults is the operator of the plan's vault.
	vaults *cloud.Operator
	plan   cloud.BackupPlan
	key    string
	// run tells this drill from others, and is the same when it is begun again.
	run string
	// maximumAge is zero if the age does not matter.
	maximumAge time.Duration
	class      string
	limit      time.Duration
}

// outcome is what came of a drill.
type outcome struct {
	// took is from the beginning until all was restored.
	took    time.Duration
	volumes []restored
}

// restored is what came of one volume.
type restored struct {
	volume cloud.ProtectedVolume
	took   time.Duration
	// failure is why it is not proven that the volume can be restored; empty if it is.
	failure string
	// leftover is the drill's volume if it could not be removed.
	leftover string
}

// failures are what went wrong, one line each.
func (o outcome) failures() (lines []string) {
	for _, v := range o.volumes {
		if v.failure != "" {
			lines = append(lines, fmt.Sprintf("%s (%s): %s", v.volume.Name, v.volume.VolumeID, v.failure))
		}
	}
	return lines
}

// do restores all volumes of the plan and removes them again. An interrupt ends it early, without leaving anything.
func (d *drill) do(ctx context.Context) outcome {
	started := time.Now()
	out := outcome{volumes: make([]restored, len(d.plan.Protected))}
	places := make(chan struct{}, together)
	var wg, cleaning sync.WaitGroup
	for i, v := range d.plan.Protected {
		wg.Add(1)
		cleaning.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			id := ""
			out.volumes[i], id = d.restore(ctx, v)
			wg.Done()
			if id != "" {
				d.remove(ctx, &out.volumes[i], id)
			}
		})
	}
	wg.Wait()
	out.took = time.Since(started)
	cleaning.Wait()
	return out
}

// restore restores one volume, and returns the id of what it has made for that.
func (d *drill) restore(ctx context.Context, v cloud.ProtectedVolume) (restored, string) {
	r := restored{volume: v}
	switch newest := v.Newest; {
	case newest == nil:
		r.failure = "it has no recovery point"
	case d.maximumAge > 0 && time.Since(newest.TakenAt) > d.maximumAge:
		r.failure = fmt.Sprintf("its newest recovery point is of %s, older than %s", newest.TakenAt.Format(time.RFC3339), d.maximumAge)
	}
	if v.Newest == nil {
		return r, ""
	}
	started := time.Now()
	made, err := cloud.Caught(func() (cloud.StorageVolume, error) {
		return lifecycle.Passing(ctx, d.vaults, d.vaults.StorageVolumes, d.spec(v), d.run, d.limit)
	})
	r.took = time.Since(started)
	if failure := d.judge(made, *v.Newest, err); failure != "" && r.failure == "" {
		r.failure = failure
	}
	return r, made.ID
}

// judge says what is wrong with what was restored.
func (d *drill) judge(made cloud.StorageVolume, point cloud.RecoveryPoint, err error) string {
	var refused *cloud.Error
	switch {
	case lifecycle.GaveUp(err):
		return fmt.Sprintf("it was not restored within %s, or the run was interrupted", d.limit)
	case errors.As(err, &refused):
		words := []string{"restoring was refused: " + refused.Text}
		for _, f := range refused.Fields {
			words = append(words, f.Text)
		}
		return strings.TrimSpace(strings.Join(append(words, refused.Advice), " "))
	case err != nil:
		return "restoring failed: " + err.Error()
	case made.State == cloud.StateFailed:
		return "restoring failed: " + made.StateMessage
	case made.Restored == nil || made.Restored.RecoveryPointID != point.ID:
		return fmt.Sprintf("the operator does not say that it has restored recovery point %s", point.ID)
	case made.Restored.TreeSHA256 == "" || made.Restored.TreeSHA256 != point.TreeSHA256:
		return fmt.Sprintf("what was restored has the checksum %q, and the backup %q", made.Restored.TreeSHA256, point.TreeSHA256)
	}
	return ""
}

// spec is a volume that bears no name that lives.
func (d *drill) spec(v cloud.ProtectedVolume) cloud.StorageVolumeSpec {
	return cloud.StorageVolumeSpec{
		SpecMeta: cloud.SpecMeta{
			Name:        "drill-" + uuid.NewSHA1(uuid.NameSpaceURL, []byte(d.run+"|"+v.VolumeID)).String(),
			Description: "A restore drill of Terraform; it goes by itself.",
		},
		SizeGiB: d.size(v.Newest.SizeBytes), Class: d.class,
		RestoreFrom: &cloud.RestoreFrom{VaultID: d.plan.Vault.ID, Key: d.key, RecoveryPointID: v.Newest.ID},
	}
}

// size is the least that the class has which holds so many bytes, in GiB.
func (d *drill) size(bytes int64) int64 {
	size := (bytes + 1<<30 - 1) >> 30
	name := d.class
	if name == "" {
		name = d.vaults.Catalogue.DefaultVolumeClass
	}
	for _, class := range d.vaults.Catalogue.VolumeClasses {
		if class.Name == name {
			_, size = class.SizeGiB.Nearest(size)
		}
	}
	return size
}

// remove removes what was restored.
func (d *drill) remove(ctx context.Context, r *restored, id string) {
	if err := lifecycle.PassAway(ctx, d.vaults, d.vaults.StorageVolumes, id, d.limit); err != nil {
		r.leftover = cloud.ID{Operator: d.vaults.Name, Object: id}.String()
	}
}
