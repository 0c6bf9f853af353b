resource "vdam_security_group" "web" {
  name        = "web"
  description = "Answers HTTPS for everyone and may ask anybody."

  rules = [
    { direction = "ingress", protocol = "tcp", port_min = 443, port_max = 443 },
    { direction = "egress", protocol = "any" },
  ]
}

resource "vdam_security_group" "app" {
  name = "app"

  rules = [
    {
      direction                = "ingress"
      protocol                 = "tcp"
      port_min                 = 8080
      port_max                 = 8081
      remote_security_group_id = vdam_security_group.web.id
      description              = "From the web tier only"
    },
    {
      direction   = "egress"
      protocol    = "any"
      remote_cidr = "10.20.0.0/16"
    },
  ]
}
