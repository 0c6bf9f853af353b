resource "vdam_network" "app" {
  name        = "app"
  cidr        = "10.20.0.0/24"
  dns_servers = ["10.20.0.2", "10.20.0.3"]
}

# The same at another operator.
resource "vdam_network" "db" {
  operator    = "iem-ic"
  name        = "db"
  description = "Kadastra datubāzes"
  cidr        = "10.21.0.0/24"
  labels      = { tier = "db" }
}
