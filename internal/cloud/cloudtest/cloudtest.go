// Package cloudtest is the suite that every driver passes: the same scenarios of the port, whatever the API beneath.
//
// A scenario makes what it needs, under names of its own, and takes it away again, so that the suite runs on an
// operator with other objects in it. It waits through Await alone.
package cloudtest

import (
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// Harness is an operator under test, with values that it accepts. A scenario whose hook is nil is skipped.
type Harness struct {
	Operator *cloud.Operator

	// Zone and Class are where and on what volumes and machines are made; empty for the operator's defaults.
	Zone, Class string
	// ImageID is an image to boot, onto a disk of BootDiskGiB.
	ImageID     string
	BootDiskGiB int64
	// Size and OtherSize are sizes of machines.
	Size, OtherSize Size
	// VolumeGiB and LargerGiB are sizes of volumes.
	VolumeGiB, LargerGiB int64
	// BeyondQuotaGiB is a size that a volume could have if the quota allowed it; zero if there is no such.
	BeyondQuotaGiB int64
	// Patience is how long an object may take to become ready or to go; default is a minute.
	Patience time.Duration

	// Hold keeps objects from settling until release is called.
	Hold func(t *testing.T) (release func())
	// MoveClock lets time go by at the operator.
	MoveClock func(t *testing.T, d time.Duration)
	// Describe gives an object another description, behind the driver's back.
	Describe func(t *testing.T, kind cloud.Kind, id, description string)
	// Remove makes an object vanish, behind the driver's back.
	Remove func(t *testing.T, kind cloud.Kind, id string)
	// LoseCreateAnswer makes the next order be carried out and its answer be lost.
	LoseCreateAnswer func(t *testing.T, kind cloud.Kind)
	// FailNext makes the next order of a kind be accepted and end in failure with a message.
	FailNext func(t *testing.T, kind cloud.Kind, message string)
}

// Size is a machine's size.
type Size struct {
	VCPUs, MemoryMiB int64
}

// Run runs the suite. Each scenario has an operator of its own.
func Run(t *testing.T, newOperator func(t *testing.T) Harness) {
	t.Run("network", func(t *testing.T) { runKind(t, newOperator, networks) })
	t.Run("security group", func(t *testing.T) { runKind(t, newOperator, securityGroups) })
	t.Run("storage volume", func(t *testing.T) { runKind(t, newOperator, storageVolumes) })
	t.Run("virtual machine", func(t *testing.T) { runKind(t, newOperator, virtualMachines) })
	t.Run("volume attachment", func(t *testing.T) { runKind(t, newOperator, volumeAttachments) })
	const (
		network, group, volume = cloud.KindNetwork, cloud.KindSecurityGroup, cloud.KindStorageVolume
		machine, attachment    = cloud.KindVirtualMachine, cloud.KindVolumeAttachment
	)
	runScenarios(t, newOperator, map[string]scenario{
		"images":                   {testImages, []cloud.Kind{machine}},
		"invalid network":          {testInvalidNetwork, []cloud.Kind{network}},
		"invalid volume":           {testInvalidVolume, []cloud.Kind{volume}},
		"invalid machine":          {testInvalidMachine, []cloud.Kind{machine}},
		"shrinking":                {testShrinking, []cloud.Kind{volume}},
		"quota":                    {testQuota, []cloud.Kind{volume}},
		"deletion protection":      {testDeletionProtection, []cloud.Kind{volume}},
		"network in use":           {testNetworkInUse, []cloud.Kind{network, machine}},
		"volume in use":            {testVolumeInUse, []cloud.Kind{volume, machine, attachment}},
		"busy while updating":      {testBusy, []cloud.Kind{volume}},
		"rules are a set":          {testRulesAreASet, []cloud.Kind{group}},
		"machine changes size":     {testResize, []cloud.Kind{machine}},
		"machine stops and starts": {testPower, []cloud.Kind{machine}},
		"machine keeps addresses":  {testAddresses, []cloud.Kind{machine, group}},
		"boot volume retained":     {testRetainedBootVolume, []cloud.Kind{machine, volume}},
		"boot from a volume":       {testBootFromVolume, []cloud.Kind{machine, volume}},
		"metering starts":          {testMetering, []cloud.Kind{machine, volume}},
	})
	RunClusters(t, newOperator)
}

// RunClusters runs the part of the suite that is about container clusters.
func RunClusters(t *testing.T, newOperator func(t *testing.T) Harness) {
	t.Run("container cluster", func(t *testing.T) { runKind(t, newOperator, containerClusters) })
	t.Run("node pool", func(t *testing.T) { runKind(t, newOperator, nodePools) })
	cluster, both := []cloud.Kind{cloud.KindContainerCluster}, []cloud.Kind{cloud.KindContainerCluster, cloud.KindNodePool}
	runScenarios(t, newOperator, map[string]scenario{
		"cluster pools":         {testClusterPools, cluster},
		"cluster upgrade":       {testClusterUpgrade, cluster},
		"invalid cluster":       {testInvalidCluster, cluster},
		"cluster protection":    {testClusterProtection, cluster},
		"pools of two places":   {testPoolsOfTwoPlaces, both},
		"pool scales by itself": {testPoolScalesByItself, both},
	})
}

// scenario is one that is about particular kinds.
type scenario struct {
	run   func(*testing.T, Harness)
	needs []cloud.Kind
}

func runScenarios(t *testing.T, newOperator func(*testing.T) Harness, all map[string]scenario) {
	for name, s := range all {
		t.Run(name, func(t *testing.T) {
			h := newOperator(t)
			for _, k := range s.needs {
				if !h.Operator.Capabilities.Offers(k) {
					t.Skipf("%s does not offer %s", h.Operator.Name, k)
				}
			}
			s.run(t, h)
		})
	}
}

// runKind runs the scenarios that are the same for all kinds.
func runKind[S any, O cloud.Object](
	t *testing.T, newOperator func(*testing.T) Harness, newKind func(*testing.T, Harness) *kind[S, O],
) {
	runMade(t, func(t *testing.T) *kind[S, O] {
		t.Helper()
		return newKind(t, newOperator(t))
	})
}

// runMade is a runKind of a kind that needs more than one operator.
func runMade[S any, O cloud.Object](t *testing.T, newKind func(*testing.T) *kind[S, O]) {
	for name, scenario := range map[string]func(*testing.T, *kind[S, O]){
		"lifecycle":                testLifecycle[S, O],
		"update in place":          testUpdate[S, O],
		"nothing to update":        testNothingToUpdate[S, O],
		"same key":                 testSameKey[S, O],
		"name taken":               testNameTaken[S, O],
		"same key after deletion":  testSameKeyAfterDeletion[S, O],
		"list":                     testList[S, O],
		"letters":                  testLetters[S, O],
		"unknown id":               testUnknownID[S, O],
		"await":                    testAwait[S, O],
		"answer lost":              testAnswerLost[S, O],
		"changed by somebody else": testChangedElsewhere[S, O],
		"removed by somebody else": testRemovedElsewhere[S, O],
		"failed for good":          testFailed[S, O],
	} {
		t.Run(name, func(t *testing.T) {
			k := newKind(t)
			if op := k.h.Operator; !op.Capabilities.Offers(k.kind) {
				t.Skipf("%s does not offer %s", op.Name, k.kind)
			}
			scenario(t, k)
		})
	}
}
