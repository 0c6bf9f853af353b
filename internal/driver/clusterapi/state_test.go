package clusterapi

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// at is the time of the tests of states.
var at = time.Date(2026, time.November, 25, 12, 0, 0, 0, time.UTC)

// made is a cluster at 1.34.4 of one control plane and two workers, as it was ordered.
const made = `{
	"metadata": {"name": "a", "uid": "u", "generation": 7, "labels": {"vdam.lv/owner": "k"},
		"annotations": {"vdam.lv/ca-certificate": "", "vdam.lv/node-pools": "std"}},
	"spec": {"topology": {
		"version": "v1.34.4", "controlPlane": {"replicas": 1}, "workers": {"machineDeployments": [{"name": "std", "replicas": 2}]}
	}},
	"status": {
		"observedGeneration": 7,
		"controlPlane": {"replicas": 1, "upToDateReplicas": 1, "availableReplicas": 1, "versions": [{"version": "v1.34.4"}]},
		"conditions": [
			{"type": "TopologyReconciled", "status": "True", "observedGeneration": 7},
			{"type": "Available", "status": "True", "observedGeneration": 7}
		]
	}
}`

const madeWorkers = `{
	"metadata": {"generation": 2, "labels": {"topology.cluster.x-k8s.io/deployment-name": "std"}},
	"spec": {"replicas": 2, "template": {"spec": {"version": "v1.34.4"}}},
	"status": {"observedGeneration": 2, "replicas": 2, "availableReplicas": 2, "upToDateReplicas": 2}
}`

// TestState looks at clusters as the real controllers show them on the way, see the traces that the cases are named after.
func TestState(t *testing.T) {
	topology := func(status, reason, message string, since time.Duration, seen int) string {
		return `{"type": "TopologyReconciled", "status": "` + status + `", "reason": "` + reason + `", "message": "` + message +
			`", "lastTransitionTime": "` + at.Add(-since).Format(time.RFC3339) + `", "observedGeneration": ` + string(rune('0'+seen)) + `}`
	}
	for name, c := range map[string]struct {
		cluster, workers string // Merge patches of what is made.
		state            cloud.State
		message, runs    string
		unfinished       bool
		// later says that it has been so for a while.
		later bool
		// reached says that what is ordered has been there before.
		reached bool
	}{
		"made":                           {state: cloud.StateReady, runs: "1.34.4", reached: true},
		"there, and nobody has noted it": {state: cloud.StateReady, runs: "1.34.4", unfinished: true},
		"made elsewhere": {
			cluster: `{"metadata": {"labels": null, "annotations": null}, "status": {"initialization": {"controlPlaneInitialized": true}}}`,
			state:   cloud.StateReady, runs: "1.34.4",
		},
		"for the first time": {
			cluster: `{"metadata": {"annotations": {"vdam.lv/ca-certificate": null}}}`,
			state:   cloud.StateCreating, unfinished: true,
		},
		"just ordered": {
			cluster: `{"metadata": {"annotations": {"vdam.lv/ca-certificate": null}}, "status": null}`, state: cloud.StateCreating,
		},
		"not available yet": {
			cluster: `{"metadata": {"annotations": {"vdam.lv/ca-certificate": null}}, "status": {"conditions": [` + topology("True", "", "", 0, 7) +
				`, {"type": "Available", "status": "False", "message": "* RemoteConnectionProbe: not yet"}]}}`,
			state: cloud.StateCreating, message: "Available: * RemoteConnectionProbe: not yet.",
		},
		"a change that no controller has seen": {
			cluster: `{"metadata": {"generation": 8}}`, state: cloud.StateUpdating, runs: "1.34.4",
		},
		"a change that the topology's controller has not seen": {
			cluster: `{"metadata": {"generation": 8}, "status": {"observedGeneration": 8}}`, state: cloud.StateUpdating, runs: "1.34.4",
		},
		"the third machine of the control plane boots": {
			cluster: `{"spec": {"topology": {"controlPlane": {"replicas": 3}}},
				"status": {"controlPlane": {"replicas": 3, "upToDateReplicas": 3, "availableReplicas": 2}}}`,
			state: cloud.StateUpdating, runs: "1.34.4",
		},
		"workers are being added": {
			cluster: `{"status": {"conditions": [` + topology("True", "", "", 0, 7) +
				`, {"type": "ScalingUp", "status": "True", "message": "Scaling up from 2 to 3 replicas"}]}}`,
			workers: `{"spec": {"replicas": 3}}`,
			state:   cloud.StateUpdating, message: "ScalingUp: Scaling up from 2 to 3 replicas.", runs: "1.34.4",
		},
		"the control plane is being upgraded": {
			cluster: `{"spec": {"topology": {"version": "v1.35.4"}}, "status": {"conditions": [` +
				topology("False", "ClusterUpgrading", "Cluster is upgrading to v1.35.4", time.Hour, 7) + `]}}`,
			state: cloud.StateUpdating, message: "TopologyReconciled: Cluster is upgrading to v1.35.4.", runs: "1.34.4",
		},
		"the workers are still to be upgraded": {
			cluster: `{"spec": {"topology": {"version": "v1.35.4"}},
				"status": {"controlPlane": {"versions": [{"version": "v1.35.4"}]}}}`,
			state: cloud.StateUpdating, runs: "1.35.4",
		},
		"an older release that tells no versions": {
			cluster: `{"spec": {"topology": {"version": "v1.35.4"}}, "status": {"controlPlane": {"versions": null}}}`,
			state:   cloud.StateUpdating, runs: "1.34.4",
		},
		"just changed, and nobody has noticed": {
			workers: `{"metadata": {"managedFields": [{"time": "2026-11-25T11:59:57Z", "fieldsV1": {"f:spec": {}}},
				{"time": "2026-11-25T11:00:00Z", "fieldsV1": {"f:spec": {}}}]}}`,
			state: cloud.StateUpdating, runs: "1.34.4",
		},
		"noted just now": {
			cluster: `{"metadata": {"managedFields": [{"time": "2026-11-25T11:59:55Z", "fieldsV1": {"f:spec": {}}},
				{"time": "2026-11-25T11:59:59Z", "fieldsV1": {"f:status": {}}}, {"time": "2026-11-25T11:59:59Z", "fieldsV1": {"f:metadata": {}}}]}}`,
			state: cloud.StateReady, runs: "1.34.4", unfinished: true,
		},
		"a pool is going": {
			cluster: `{"spec": {"topology": {"workers": null}}}`, state: cloud.StateUpdating, runs: "1.34.4",
		},
		"a node is down": {
			cluster: `{"status": {"conditions": [` + topology("True", "", "", 0, 7) +
				`, {"type": "Available", "status": "False", "message": "* WorkersAvailable: 1 of 2"}]}}`,
			workers: `{"status": {"availableReplicas": 1}}`, reached: true,
			state: cloud.StateReady, message: "Available: * WorkersAvailable: 1 of 2.", runs: "1.34.4",
		},
		"a webhook is away": {
			cluster: `{"status": {"conditions": [` + topology("False", "ReconcileFailed", "no endpoints", 20*time.Second, 7) + `]}}`,
			state:   cloud.StateUpdating, message: "TopologyReconciled: no endpoints.", runs: "1.34.4",
		},
		"refused for good": {
			cluster: `{"status": {"conditions": [` + topology("False", "ReconcileFailed", "the webhook denied it", 2*time.Minute, 7) + `]}}`,
			state:   cloud.StateFailed, later: true, message: "TopologyReconciled: the webhook denied it.", runs: "1.34.4",
		},
		"refused for good, before it was corrected": {
			cluster: `{"metadata": {"generation": 8}, "status": {"conditions": [` +
				topology("False", "ReconcileFailed", "the webhook denied it", 2*time.Minute, 7) + `]}}`,
			state: cloud.StateUpdating, message: "TopologyReconciled: the webhook denied it.", runs: "1.34.4", later: true,
		},
		"broken by somebody else": {
			cluster: `{"status": {"conditions": [` + topology("False", "ReconcileFailed", "no class", 2*time.Minute, 7) + `]}}`,
			state:   cloud.StateReady, message: "TopologyReconciled: no class.", runs: "1.34.4", reached: true, later: true,
		},
		"being deleted": {
			cluster: `{"metadata": {"deletionTimestamp": "2026-11-25T11:00:00Z"}, "status": {"conditions": [` +
				`{"type": "Deleting", "status": "True", "message": "waiting for workers"}]}}`,
			state: cloud.StateDeleting, message: "Deleting: waiting for workers.", runs: "1.34.4",
		},
	} {
		t.Run(name, func(t *testing.T) {
			now := at
			s := &clusters{&session{now: func() time.Time { return now }, failures: failures{since: map[failure]time.Time{}}}}
			r, workers := patched[record](t, made, c.cluster), []deployment{patched[deployment](t, madeWorkers, c.workers)}
			if c.reached {
				r.Metadata.Annotations[reachedNote] = digest(r.ordered())
			}
			got := s.cluster(r, workers)
			if c.later {
				now = at.Add(2 * time.Minute)
				got = s.cluster(r, workers)
			}
			if got.State != c.state || got.StateMessage != c.message || got.RunningVersion != c.runs || got.Unfinished != c.unfinished {
				t.Errorf("it is %s (%s), runs %q, and is unfinished: %t; want %s (%s), %q, %t",
					got.State, got.StateMessage, got.RunningVersion, got.Unfinished, c.state, c.message, c.runs, c.unfinished)
			}
		})
	}
}

// patched decodes JSON with a merge patch.
func patched[T any](t *testing.T, raw, patch string) (out T) {
	t.Helper()
	var o, p object
	must(t, json.Unmarshal([]byte(raw), &o))
	if patch != "" {
		must(t, json.Unmarshal([]byte(patch), &p))
	}
	merge(o, p)
	again, err := json.Marshal(o)
	must(t, err)
	must(t, json.Unmarshal(again, &out))
	return out
}
