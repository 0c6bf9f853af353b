// Package clusterapi makes container clusters at an operator that runs Cluster API: as Cluster objects with a topology
// (cluster.x-k8s.io/v1beta2) in one namespace of its management cluster.
//
// A cluster is ordered by POST, which Kubernetes refuses if the name is taken, and changed by reading it, changing what is
// to be changed, and writing it back on the condition that nobody else has written meanwhile. Server-side apply would do
// for neither: it changes what is there already under the name, and it does not take away what somebody else applied too,
// as after an import.
//
// What the port knows of a cluster and Cluster API does not is kept in labels and annotations of the prefix vdam.lv/.
package clusterapi
