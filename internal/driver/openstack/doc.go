// Package openstack maps the port onto OpenStack: Keystone, Nova, Neutron, Cinder and Glance of the release Zed or
// newer, by gophercloud's clients over the project's own transport.
//
// What OpenStack lacks is kept in what it has. Names are not unique there, so an order looks its name up first. Owner
// key, labels and marks are server tags and metadata, volume metadata, and tags of Neutron's objects, under keys that
// begin with "vdam:". What takes several requests carries the owner key in the first of them, so that an order that was
// cut off anywhere is found again by the next one with the same key:
//
//   - a network or security group has its key in the description until it is finished;
//   - a port has its machine's key in the description;
//   - a key pair is named after the key, and only lives while the server is being ordered;
//   - a server and a volume have everything in the request that makes them.
package openstack
