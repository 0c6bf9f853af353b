// Package redmine maps the port to service desks onto the REST API of Redmine 5.
//
// A Redmine project is the desk, its trackers are the queues. What Redmine does not take it drops without a word: a status
// that the workflow has no way to, a field that the tracker does not have, a filter that it does not know. An update is
// answered by 204 and nothing, whatever became of it. So nothing here believes an answer, and no list of issues is taken
// for the filtered one before its rows were looked at.
//
// What the desk's people have to set up:
//   - "Enable REST web service" in the administration's settings, and an account with an API key that is a member of the
//     project, by a role with "Add issues", "Edit own issues" and "Add notes";
//   - a custom field of issues in the format "Text", named "External Key", for all trackers and for the project, without
//     a length limit or with one of at least 200, "used as a filter" and "searchable";
//   - where wanted, custom fields "Severity" (critical, major, minor), "Project" and "Affected Resources" (as text);
//   - in the workflow, for the role as the author of an issue, the ways to "Rejected" and "Closed" by which a requester
//     withdraws or closes a ticket;
//   - where wanted, the role's rights "Set notes as private", "Manage issue relations", "Manage subtasks", "View watchers
//     list" and "Add watchers".
package redmine
