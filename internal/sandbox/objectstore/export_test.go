package objectstore

import "context"

// RemoveUser removes a user behind the back of the policies that name it.
func (s *Store) RemoveUser(ctx context.Context, id string) error { return s.removeUser(ctx, id) }
