package provider_test

import (
	"maps"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

// everywhere has what all named resources have.
func everywhere(name string, more object) object {
	o := object{
		"operator": "lvrtc", "name": name, "description": "Apraksts", "labels": object{"tier": "front", "team": "cadastre"},
		"timeouts": object{"create": "5m", "update": "5m", "delete": "5m"},
	}
	maps.Copy(o, more)
	return o
}

// extended is an object that has more.
func extended(o, more object) object {
	all := maps.Clone(o)
	maps.Copy(all, more)
	return all
}

// minimal has of each resource type one configuration with as little in it as is valid. What they refer to need not
// exist to be planned.
var minimal = map[string]object{
	"vdam_backup": {"name": "now", "plan_id": "lvrtc/plan-1"},
	"vdam_backup_plan": {
		"name": "nightly", "sources": []any{"lvrtc/v-1"}, "vault_id": "lvrtc/vault-1", "allow_same_operator": true, "retention": "720h",
		"encryption_key_wo": backupKey,
	},
	"vdam_backup_vault":             {"name": "registry", "immutability": object{"mode": "governance", "days": 7}, "retention_days": 31},
	"vdam_container_cluster":        {"name": "k8s", "kubernetes_version": "1.34"},
	"vdam_container_cluster_backup": {"name": "now", "plan_id": "lvrtc/c-1~plan-1"},
	"vdam_container_cluster_backup_plan": {
		"name": "nightly", "cluster_id": "lvrtc/c-1", "vault_id": "lvrtc/vault-1", "allow_same_operator": true, "retention": "720h",
		"secrets": "exclude",
	},
	"vdam_node_pool":      {"name": "batch", "cluster_id": "lvrtc/c-1", "vcpus": 1, "memory_mib": 1024, "size": 1},
	"vdam_network":        {"name": "front", "cidr": "10.20.0.0/24"},
	"vdam_security_group": {"name": "web"},
	"vdam_storage_volume": {"name": "data", "size_gib": 10},
	"vdam_virtual_machine": {
		"name": "app", "vcpus": 1, "memory_mib": 1024, "image": "lvrtc/debian-13-20260601",
		"boot_disk": object{"size_gib": 10, "on_destroy": "delete"},
	},
	"vdam_volume_attachment": {"volume_id": "lvrtc/v-1", "virtual_machine_id": "lvrtc/m-1"},
}

// backupKey is one of nothing.
var backupKey = acctest.NewBackupKey()

// pool is one of nodes, with everything.
var pool = object{
	"vcpus": 2, "memory_mib": 4096, "boot_disk_gib": 80, "zone": "riga-2", "autoscaling": object{"min": 1, "max": 3},
	"node_labels": object{"example.org/tier": "web"},
	"taints":      []any{object{"key": "example.org/dedicated", "value": "web", "effect": "NoSchedule"}},
}

// full has configurations that together set everything.
var full = map[string][]object{
	"vdam_backup": {everywhere("now", object{"plan_id": "lvrtc/plan-1", "keepers": object{"release": "1"}})},
	"vdam_backup_plan": {everywhere("nightly", object{
		"sources": []any{"lvrtc/v-1"}, "vault_id": "lvrtc/vault-1", "allow_same_operator": true, "schedule": "0 2 * * *", "retention": "720h",
		"rpo": "26h", "paused": false, "consistency": "stopped", "encryption_key_wo": backupKey, "encryption_key_wo_version": 1,
	})},
	"vdam_backup_vault": {everywhere("registry", object{
		"immutability": object{"mode": "governance", "days": 7}, "retention_days": 31, "quota_gib": 100, "beneficiary": "lvrtc",
		"deletion_protection": false,
	})},
	"vdam_container_cluster_backup": {everywhere("now", object{"plan_id": "lvrtc/c-1~plan-1", "keepers": object{"release": "1"}})},
	"vdam_container_cluster_backup_plan": {everywhere("nightly", object{
		"cluster_id": "lvrtc/c-1", "vault_id": "lvrtc/vault-1", "allow_same_operator": true, "schedule": "0 2 * * *", "retention": "720h",
		"rpo": "26h", "paused": false, "secrets": "include", "volume_data": "none", "included_namespaces": []any{"shop"},
		"excluded_namespaces": []any{"kube-system"}, "label_selector": object{"app": "shop"},
		"hooks": []any{object{
			"namespace": "shop", "label_selector": object{"app": "database"}, "container": "database", "pre": []any{"sync"},
			"post": []any{"true"}, "timeout": "30s",
		}},
	})},
	"vdam_container_cluster": {everywhere("k8s", object{
		"kubernetes_version": "1.34.4", "auto_patch": false, "high_availability": "zone", "network_id": "lvrtc/n-1",
		"pod_cidr": "10.42.0.0/16", "service_cidr": "10.43.0.0/16", "api_allowed_cidrs": []any{"192.0.2.0/24"},
		"oidc": object{
			"issuer_url": "https://login.example", "client_id": "kubernetes", "username_claim": "sub", "groups_claim": "groups",
		},
		"node_pools":          object{"std": object{"vcpus": 1, "memory_mib": 1024, "size": 1}, "web": pool},
		"deletion_protection": false,
	})},
	"vdam_node_pool": {
		everywhere("batch", extended(pool, object{"cluster_id": "lvrtc/c-1"})),
		{"name": "batch", "cluster_id": "lvrtc/c-1", "vcpus": 1, "memory_mib": 1024, "size": 1},
	},
	"vdam_network": {everywhere("front", object{"cidr": "10.20.0.0/24", "dns_servers": []any{"192.0.2.53", "2001:db8::53"}})},
	"vdam_security_group": {everywhere("web", object{"rules": []any{
		object{
			"direction": "ingress", "protocol": "tcp", "port_min": 443, "port_max": 443,
			"remote_cidr": "192.0.2.0/24", "description": "https",
		},
		object{"direction": "egress", "protocol": "any", "remote_security_group_id": "lvrtc/g-1"},
	}})},
	"vdam_storage_volume": {everywhere("data", object{
		"size_gib": 20, "class": "fast", "zone": "riga-2", "deletion_protection": false,
	}), {"name": "data", "size_gib": 20, "restore_from": object{
		"vault_id": "lvrtc/vault-1", "encryption_key_wo": backupKey, "source_id": "iem-ic/vol-1",
	}}, {"name": "data", "size_gib": 20, "restore_from": object{
		"vault_id": "lvrtc/vault-1", "encryption_key_wo": backupKey, "recovery_point_id": "point-1",
	}}},
	"vdam_virtual_machine": {
		everywhere("app", object{
			"zone": "riga-2", "vcpus": 2, "memory_mib": 2048, "power_state": "running", "deletion_protection": true,
			"image":     "lvrtc/debian-13-20260601",
			"boot_disk": object{"size_gib": 20, "class": "fast", "on_destroy": "retain"},
			"network_interfaces": []any{
				object{"network_id": "lvrtc/n-1", "ip_address": "10.20.0.7", "security_group_ids": []any{"lvrtc/g-1", "lvrtc/g-2"}},
				object{"network_id": "lvrtc/n-2"},
			},
			"ssh_authorized_keys": []any{"ssh-ed25519 AAAA a", "ssh-ed25519 BBBB b"},
			"user_data":           "#cloud-config",
		}),
		{
			"name": "app", "vcpus": 1, "memory_mib": 1024, "boot_volume_id": "lvrtc/v-1",
			"user_data_wo": "#cloud-config", "user_data_wo_version": 1,
		},
		{
			"name": "app", "vcpus": 1, "memory_mib": 1024, "boot_disk": object{"size_gib": 10, "on_destroy": "delete"},
			"restore_from": object{"vault_id": "lvrtc/vault-1", "encryption_key_wo": backupKey, "source_id": "iem-ic/vm-1"},
		},
		{
			"name": "app", "vcpus": 1, "memory_mib": 1024, "boot_disk": object{"size_gib": 10, "on_destroy": "delete"},
			"restore_from": object{"vault_id": "lvrtc/vault-1", "encryption_key_wo": backupKey, "recovery_point_id": "point-1"},
		},
	},
	"vdam_volume_attachment": {{
		"operator": "lvrtc", "volume_id": "lvrtc/v-1", "virtual_machine_id": "lvrtc/m-1",
		"timeouts": object{"create": "5m", "update": "5m", "delete": "5m"},
	}},
}

// image chooses images by everything.
var image = object{
	"operator": "lvrtc", "os_family": "debian", "os_version": "13", "architecture": "x86_64", "name": "debian-13",
}

// sources has of each data source and list resource configurations that together set everything; the first is minimal.
var sources = map[string][]object{
	"vdam_backup":                         {{"name": "now"}, {"operator": "lvrtc", "id": "lvrtc/backup-1"}},
	"vdam_backups":                        {{}, {"operator": "lvrtc", "labels": object{"tier": "front"}}},
	"vdam_backup_coverage":                {{}, {"operators": []any{"lvrtc"}, "failure_domains": object{"lvrtc": "Rīga"}}},
	"vdam_backup_plan":                    {{"name": "nightly"}, {"operator": "lvrtc", "id": "lvrtc/plan-1"}},
	"vdam_backup_plans":                   {{}, {"operator": "lvrtc", "labels": object{"tier": "front"}}},
	"vdam_backup_recovery_points":         {{"plan_id": "lvrtc/plan-1"}},
	"vdam_backup_vault":                   {{"name": "registry"}, {"operator": "lvrtc", "id": "lvrtc/vault-1"}},
	"vdam_backup_vaults":                  {{}, {"operator": "lvrtc", "labels": object{"tier": "front"}}},
	"vdam_container_cluster":              {{"name": "k8s"}, {"operator": "lvrtc", "id": "lvrtc/c-1"}},
	"vdam_container_cluster_backup":       {{"name": "now"}, {"operator": "lvrtc", "id": "lvrtc/c-1~backup-1"}},
	"vdam_container_cluster_backups":      {{}, {"operator": "lvrtc", "labels": object{"tier": "front"}}},
	"vdam_container_cluster_backup_plan":  {{"name": "nightly"}, {"operator": "lvrtc", "id": "lvrtc/c-1~plan-1"}},
	"vdam_container_cluster_backup_plans": {{}, {"operator": "lvrtc", "labels": object{"tier": "front"}}},
	"vdam_container_clusters":             {{}, {"operator": "lvrtc", "labels": object{"tier": "front"}}},
	"vdam_kubernetes_versions":            {{}, {"operator": "lvrtc"}},
	"vdam_node_pool":                      {{"name": "batch"}, {"operator": "lvrtc", "id": "lvrtc/p-1"}},
	"vdam_node_pools":                     {{}, {"operator": "lvrtc", "labels": object{"tier": "front"}}},
	"vdam_image":                          {{}, image},
	"vdam_images":                         {{}, image},
	"vdam_machine_sizes":                  {{}, {"operator": "lvrtc", "vcpus": 1, "memory_mib": 1024}},
	"vdam_operator":                       {{"name": "lvrtc"}},
	"vdam_operators":                      {{}},
	"vdam_network":                        {{"name": "front"}, {"operator": "lvrtc", "id": "lvrtc/n-1"}},
	"vdam_security_group":                 {{"name": "web"}, {"operator": "lvrtc", "id": "lvrtc/g-1"}},
	"vdam_storage_volume":                 {{"name": "data"}, {"operator": "lvrtc", "id": "lvrtc/v-1"}},
	"vdam_virtual_machine":                {{"name": "app"}, {"operator": "lvrtc", "id": "lvrtc/m-1"}},
	"vdam_volume_attachment":              {{"id": "lvrtc/a-1"}, {"operator": "lvrtc", "id": "lvrtc/a-1"}},
	"vdam_networks":                       {{}, {"operator": "lvrtc", "labels": object{"tier": "front"}}},
	"vdam_security_groups":                {{}, {"operator": "lvrtc", "labels": object{"tier": "front"}}},
	"vdam_storage_volumes":                {{}, {"operator": "lvrtc", "labels": object{"tier": "front"}}},
	"vdam_virtual_machines":               {{}, {"operator": "lvrtc", "labels": object{"tier": "front"}}},
	"vdam_volume_attachments":             {{}, {"operator": "lvrtc"}},
}

// lists is the same of list resources.
var lists = map[string][]object{
	"vdam_backup":                        {{}, {"operator": "lvrtc", "labels": object{"tier": "front"}}},
	"vdam_backup_plan":                   {{}, {"operator": "lvrtc", "labels": object{"tier": "front"}}},
	"vdam_backup_vault":                  {{}, {"operator": "lvrtc", "labels": object{"tier": "front"}}},
	"vdam_container_cluster":             {{}, {"operator": "lvrtc", "labels": object{"tier": "front"}}},
	"vdam_container_cluster_backup":      {{}, {"operator": "lvrtc", "labels": object{"tier": "front"}}},
	"vdam_container_cluster_backup_plan": {{}, {"operator": "lvrtc", "labels": object{"tier": "front"}}},
	"vdam_node_pool":                     {{}, {"operator": "lvrtc", "labels": object{"tier": "front"}}},
	"vdam_network":                       {{}, {"operator": "lvrtc", "labels": object{"tier": "front"}}},
	"vdam_security_group":                {{}, {"operator": "lvrtc", "labels": object{"tier": "front"}}},
	"vdam_storage_volume":                {{}, {"operator": "lvrtc", "labels": object{"tier": "front"}}},
	"vdam_virtual_machine":               {{}, {"operator": "lvrtc", "labels": object{"tier": "front"}}},
	"vdam_volume_attachment":             {{}, {"operator": "lvrtc"}},
}

// blocks are provider blocks that together set everything. Nothing is at their endpoints.
var blocks = []object{
	{"operators": object{"lvrtc": object{
		"kind": "selfservice", "endpoint": "https://127.0.0.1:1", "project": "registry", "client_id": "id", "client_secret": "secret",
		"proxy_url": "http://127.0.0.1:1", "limits": object{"max_parallel_requests": 4, "request_timeout_seconds": 5},
		"tls": object{"ca_file": "ca.pem", "certificate_file": "c.pem", "key_file": "k.pem"},
		"backup_buckets": object{"main": object{
			"endpoint": "https://127.0.0.1:1", "region": "riga", "bucket": "registry", "prefix": "vdam", "ca_file": "ca.pem",
			"access_key_id": "id", "secret_access_key": "secret", "retention_days": 60,
			"reader": object{"access_key_id": "id", "secret_access_key": "secret"},
		}},
	}}, "directory": "operators.json", "default_operator": "lvrtc", "default_labels": object{"suite": "tests"},
		"deployment_id": "tests", "max_parallel_requests": 4},
	{"operators": object{"lvrtc": object{"token": "token"}}},
	{"operators": object{"lvrtc": object{"token_file": "token"}}},
	{"operators": object{"lvrtc": object{"workload_identity": object{"token_file": "token", "audience": "vdam"}}}},
	{"operators": object{"lvrtc": object{
		"kind": "openstack", "cloud": "lnb", "clouds_file": "clouds.yaml", "region": "Riga", "domain": "agencies",
		"username": "terraform", "password": "password",
	}}},
	{"operators": object{"lvrtc": object{
		"kind": "clusterapi", "project": "registry", "cluster_api": object{
			"kubeconfig": "kubeconfig", "context": "lvrtc", "cluster_class": "scs", "kubernetes_versions": []any{"1.34.4"},
			"machine_sizes":         object{"small": object{"vcpus": 2, "memory_mib": 4096, "worker_class": "default"}},
			"machine_size_variable": "flavor", "autoscaler": true, "node_taints": true, "node_label_domains": []any{"example.org"},
		},
	}}},
}
