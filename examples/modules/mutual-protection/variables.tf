variable "name" {
  description = "What vaults, plans and backups are called: a DNS label."
  type        = string
}

variable "first" {
  description = "One operator, the ids of volumes and machines that run there, and when they are backed up (cron, UTC)."
  type = object({
    operator = string
    sources  = set(string)
    schedule = optional(string, "0 1 * * *")
  })
}

variable "second" {
  description = "The other one."
  type = object({
    operator = string
    sources  = set(string)
    schedule = optional(string, "0 2 * * *")
  })

  validation {
    condition     = var.second.operator != var.first.operator
    error_message = "One operator cannot protect itself: its failure takes the backups with it."
  }
}

variable "encryption_key" {
  description = "The line of `age-keygen` that begins with AGE-SECRET-KEY-1. Whoever loses it loses the backups of both."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "encryption_key_version" {
  description = "Change it with the key."
  type        = number
  default     = 1
}

variable "immutability_mode" {
  description = "Who may end the lock: `governance`, those whom the operator trusts with it; `compliance`, nobody."
  type        = string
  default     = "compliance"
}

variable "immutability_days" {
  description = "How long nothing in the vaults can be deleted."
  type        = number
  default     = 14
}

variable "retention_days" {
  description = "How long each recovery point can be restored for certain."
  type        = number
  default     = 30
}

variable "rpo" {
  description = "How old the newest recovery point may be at most."
  type        = string
  default     = "26h"
}

variable "deletion_protection" {
  description = "Whether the vaults can be destroyed by nobody."
  type        = bool
  default     = true
}

variable "drill" {
  description = "Any text; when it changes, both sides have another restore drill. None without it."
  type        = string
  default     = null
}
