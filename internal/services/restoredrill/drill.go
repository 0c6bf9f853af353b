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

// drillLabel is on what drills restore. Its value stands for the configuration and the plan.
const drillLabel = "vdam-drill"

// drill restores the newest recovery points of a plan beside everything that lives, and judges by what came of it.
type drill struct {
	// source is the plan's operator, vaults that of its vault.
	source, vaults *cloud.Operator
	plan           cloud.BackupPlan
	key            string
	// series tells the drills of this plan and configuration from all others, run this one from those, also when it is begun
	// again.
	series, run string
	maximumAge  time.Duration
	class       string
	limit       time.Duration
	// tell tells how it goes on, again what to do for another drill.
	tell  lifecycle.Tell
	again string
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
	if len(o.volumes) == 0 {
		return []string{"it protects no volume"}
	}
	for _, v := range o.volumes {
		if v.failure != "" {
			lines = append(lines, fmt.Sprintf("%s (%s): %s", v.volume.Name, v.volume.VolumeID, v.failure))
		}
	}
	return lines
}

// do restores all volumes of the plan and removes them again. After an interrupt it begins with no more of them.
func (d *drill) do(ctx context.Context) outcome {
	lifecycle.SweepPassed(ctx, d.vaults, d.vaults.StorageVolumes, drillLabel, d.series, d.limit)
	started := time.Now()
	out := outcome{volumes: make([]restored, len(d.plan.Protected))}
	places := make(chan struct{}, together)
	var restoring, removing sync.WaitGroup
	for i, v := range d.plan.Protected {
		restoring.Add(1)
		removing.Go(func() {
			places <- struct{}{}
			made := ""
			out.volumes[i], made = d.restore(ctx, v)
			d.report(out.volumes[i])
			<-places
			restoring.Done()
			if made != "" {
				out.volumes[i].leftover = d.remove(ctx, made)
			}
		})
	}
	restoring.Wait()
	out.took = time.Since(started)
	removing.Wait()
	return out
}

// report tells of one volume.
func (d *drill) report(r restored) {
	if r.failure != "" {
		d.tell("%s (%s): %s", r.volume.Name, r.volume.VolumeID, r.failure)
		return
	}
	d.tell("%s (%s) was restored in %s, as it was at %s.", r.volume.Name, r.volume.VolumeID, r.took.Round(time.Second),
		r.volume.Newest.TakenAt.Format(time.RFC3339))
}

// restore restores one volume, and returns the id of what it has made for that.
func (d *drill) restore(ctx context.Context, v cloud.ProtectedVolume) (r restored, made string) {
	r.volume = v
	switch {
	case v.Newest == nil:
		r.failure = "it has no recovery point"
		return r, ""
	case ctx.Err() != nil:
		r.failure = "the run was interrupted before it was restored"
		return r, ""
	case d.maximumAge > 0 && time.Since(v.Newest.TakenAt) > d.maximumAge:
		r.failure = fmt.Sprintf("its newest recovery point is of %s, older than %s", v.Newest.TakenAt.Format(time.RFC3339), d.maximumAge)
	}
	started := time.Now()
	volume, failure, replayed := d.try(ctx, v)
	if failure != "" && replayed && d.remove(ctx, volume.ID) == "" { // It was another drill's that was cut off.
		started = time.Now()
		volume, failure, _ = d.try(ctx, v)
	}
	r.took = time.Since(started)
	if r.failure == "" {
		r.failure = failure
	}
	return r, volume.ID
}

// try restores a volume, and says what is wrong with what came of it.
func (d *drill) try(ctx context.Context, v cloud.ProtectedVolume) (volume cloud.StorageVolume, failure string, replayed bool) {
	spec := d.spec(v)
	volume, err := cloud.Caught(func() (volume cloud.StorageVolume, err error) {
		volume, replayed, err = lifecycle.Passing(ctx, d.vaults, d.vaults.StorageVolumes, spec, d.run+"|"+v.VolumeID, d.limit)
		return volume, err
	})
	failure = d.judge(volume, *v.Newest, err)
	if volume.ID == "" && errors.Is(err, cloud.ErrUnknownOutcome) {
		failure += "; there may be a storage volume " + spec.Name + " now, which nobody needs"
	}
	return volume, failure, replayed
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
			Labels:      lifecycle.PassingLabels(drillLabel, d.series, d.limit),
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

// remove removes what was restored. If it could not, it returns which volume that is.
func (d *drill) remove(ctx context.Context, id string) (leftover string) {
	if err := lifecycle.PassAway(ctx, d.vaults, d.vaults.StorageVolumes, id, d.limit); err != nil {
		return cloud.ID{Operator: d.vaults.Name, Object: id}.String()
	}
	return ""
}
