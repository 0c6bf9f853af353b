package velero

import (
	"context"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// once mints credentials as a cluster does, and then no more.
type once struct {
	*cluster
	wishes []time.Duration
}

func (o *once) Mint(ctx context.Context, id string, wish cloud.AccessWish) (cloud.Access, error) {
	if o.wishes = append(o.wishes, wish.TTL); len(o.wishes) > 1 {
		return cloud.Access{}, &cloud.Error{Reason: cloud.ErrUnavailable}
	}
	return o.cluster.Mint(ctx, id, wish)
}

// TestCredentialsAreRenewed in calls that overlap, and take longer than credentials live. All of them end.
func TestCredentialsAreRenewed(t *testing.T) {
	c := newCluster(t)
	p := c.plans(&vaultKeys{}, noon)
	p.operator.Capabilities.Clusters.MaxAccessTTL = 10 * time.Minute
	now := noon
	p.options.Now = func() time.Time { return now }
	look := func(a *api) {
		if _, err := list[schedule](t.Context(), a, path("schedules"), ownerLabel); err != nil {
			t.Error(err)
		}
	}
	err := p.with(t.Context(), "c", func(long *api) error {
		for range 4 {
			look(long)
			err := p.with(t.Context(), "c", func(short *api) error { look(short); return nil })
			now = now.Add(3 * time.Minute)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || c.minted != 2 || c.revoked != 2 {
		t.Errorf("%d credentials were minted in twelve minutes, and %d ended, %v", c.minted, c.revoked, err)
	}
	o := &once{cluster: c}
	p.operator.ClusterAccess = o
	err = p.with(t.Context(), "c", func(a *api) error {
		look(a)
		now = now.Add(6 * time.Minute)
		look(a) // With those that still live.
		return nil
	})
	if err != nil || len(o.wishes) != 2 || o.wishes[0] != 10*time.Minute || c.revoked != 3 {
		t.Errorf("credentials of %v were wanted, and %d ended, %v", o.wishes, c.revoked, err)
	}
}
