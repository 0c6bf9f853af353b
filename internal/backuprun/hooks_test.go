package backuprun_test

import (
	"context"
	"io"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// hooked are disks of which a test decides what becomes; what is nil is as ever.
type hooked struct {
	*disks
	freezing func(purpose string) error
	opening  func(ctx context.Context) error
	tidying  func() error
}

func (h *hooked) Freeze(ctx context.Context, volumeIDs []string, purpose string) (all []cloud.FrozenVolume, err error) {
	if h.freezing != nil {
		err = h.freezing(purpose)
	}
	if err == nil {
		all, err = h.disks.Freeze(ctx, volumeIDs, purpose)
	}
	for i, f := range all {
		all[i] = hookedVolume{f, h}
	}
	return all, err
}

func (h *hooked) Tidy(ctx context.Context, purpose string) error {
	if h.tidying != nil {
		if err := h.tidying(); err != nil {
			return err
		}
	}
	return h.disks.Tidy(ctx, purpose)
}

type hookedVolume struct {
	cloud.FrozenVolume
	*hooked
}

func (f hookedVolume) Open(ctx context.Context) (io.ReadCloser, error) {
	if f.opening != nil {
		if err := f.opening(ctx); err != nil {
			return nil, err
		}
	}
	return f.FrozenVolume.Open(ctx)
}

// texts are records of which a test decides what becomes; what is nil is as ever.
type texts struct {
	*records
	reading func(kind string) error
	adding  func()
}

func (r *texts) Get(ctx context.Context, kind, id string) (cloud.Record, error) {
	if r.reading != nil {
		if err := r.reading(kind); err != nil {
			return cloud.Record{}, err
		}
	}
	return r.records.Get(ctx, kind, id)
}

func (r *texts) New(ctx context.Context, kind, text string) (cloud.Record, error) {
	if r.adding != nil {
		r.adding()
	}
	return r.records.New(ctx, kind, text)
}

// switches are machines that a test may keep from being stopped or started.
type switches struct {
	cloud.Collection[cloud.VirtualMachineSpec, cloud.VirtualMachine]
	turning func(id string, to cloud.PowerState) error
}

func (s *switches) Update(
	ctx context.Context, id string, change cloud.Change[cloud.VirtualMachineSpec],
) (m cloud.VirtualMachine, err error) {
	if err := s.turning(id, change.To.PowerState); err != nil {
		return m, err
	}
	return s.Collection.Update(ctx, id, change)
}
