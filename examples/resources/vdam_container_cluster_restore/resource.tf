# The other operator is gone: the newest backup, by the folder that was written down.
resource "vdam_container_cluster_restore" "register" {
  cluster_id = vdam_container_cluster.register.id
  vault_id   = vdam_backup_vault.register.id
  folder     = "clusters/register-0a1b2c3d"

  storage_class_mapping  = { fast = "standard" }
  image_registry_mapping = { "registry.iem-ic.example" = "registry.lvrtc.example" }
}
