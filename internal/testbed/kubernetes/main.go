// Command kubernetes is a whole Kubernetes in one program, so that its parts share their code in memory.
package main

import (
	"fmt"
	"os"
	_ "time/tzdata" // The machine may have no time zones, and a CronJob may name one.

	"go.etcd.io/etcd/server/v3/etcdmain"
	_ "k8s.io/client-go/plugin/pkg/client/auth" // What a user's kubeconfig may ask of kubectl.
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	kubectlutil "k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

func main() {
	if len(os.Args) < 2 {
		os.Exit(usage())
	}
	part := os.Args[1]
	os.Args = os.Args[1:] // Each of them takes its arguments from there.
	os.Exit(run(part))
}

func usage() int {
	fmt.Fprintln(os.Stderr, "usage: etcd|kube-apiserver|kube-controller-manager|kube-scheduler|kubectl [argument...]")
	return 2
}

// run returns the status to exit with.
func run(part string) int {
	switch part {
	case "etcd":
		etcdmain.Main(os.Args)
		return 0
	case "kube-apiserver":
		return cli.Run(apiserver.NewAPIServerCommand())
	case "kube-controller-manager":
		return cli.Run(controllers.NewControllerManagerCommand())
	case "kube-scheduler":
		return cli.Run(scheduler.NewSchedulerCommand())
	case "kubectl":
		if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
			kubectlutil.CheckErr(err) // It exits.
		}
		return 0
	}
	return usage()
}
