// Package cloud is the port: the neutral model of a cloud operator that services and the lifecycle engine speak, and
// that every driver maps onto its API. It knows neither HTTP nor Terraform.
//
// Ids in this package are the operator's own. Sizes carry their unit in the name, times are UTC, money is an exact
// decimal in a string.
package cloud
