// Package controlplane runs real Kubernetes control planes on loopback: for each cluster its own authority,
// kube-apiserver, controller-manager and scheduler as processes of this one, and all over one etcd, in which each has a
// prefix of its own. Nodes are objects that kwok keeps ready, so that pods are scheduled and become Running, and no
// container ever runs.
//
// It is for the sandbox and for tests: etcd flushes nothing to the disk and asks nobody who they are.
package controlplane
