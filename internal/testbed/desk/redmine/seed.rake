# What the desk has beside Redmine's default data: projects, custom fields, users, and everybody's credentials.

namespace :desk do
  # Between migrating and filling, as the models remember the tables that they have seen. One process for all, as it
  # takes one that starts half a minute on a busy machine.
  task forget_columns: :environment do
    ActiveRecord::Base.connection.schema_cache.clear!
    ActiveRecord::Base.descendants.each(&:reset_column_information)
  end

  task seed: :environment do
    require 'json'
    require 'securerandom'

    Setting.rest_api_enabled = '1'
    Setting.login_required = '1'
    Setting.default_language = 'en'
    Setting.notified_events = [] # There is nobody to write to.

    all = { field_format: 'string', is_for_all: true, is_filter: true, trackers: Tracker.all.to_a }
    IssueCustomField.create!(all.merge(name: 'External Key', max_length: 200, searchable: true))
    IssueCustomField.create!(all.merge(name: 'Project', max_length: 200))
    IssueCustomField.create!(all.merge(name: 'Severity', field_format: 'list', possible_values: %w[critical major minor]))
    # Redmine has no text with several values, so there is one on each line.
    IssueCustomField.create!(all.merge(name: 'Affected Resources', field_format: 'text'))
    IssueCustomField.create!(all.merge(name: 'Cost Centre', regexp: '\A[0-9]{4}\z'))

    # A client does with its own issues what Terraform asks for, and may not do the desk's work.
    reporter = Role.find_by!(name: 'Reporter')
    reporter.add_permission!(:edit_own_issues)
    WorkflowTransition.where(role_id: reporter.id).delete_all
    Tracker.all.to_a.product(IssueStatus.where(is_closed: false).to_a, IssueStatus.where(is_closed: true).to_a) do |tracker, from, to|
      WorkflowTransition.create!(tracker_id: tracker.id, role_id: reporter.id, old_status_id: from.id, new_status_id: to.id, author: true)
    end

    projects = { 'desk' => 'Service Desk', 'closed-shop' => 'Closed Shop' }.to_h do |identifier, name|
      project = Project.new(identifier: identifier, name: name, is_public: false)
      project.trackers = Tracker.all
      project.enabled_module_names = %w[issue_tracking files]
      project.save!
      [identifier, project]
    end

    manager = Role.find_by!(name: 'Manager')
    {
      'terraform' => ['agency.test', { 'desk' => reporter }],
      'terraform2' => ['other-agency.test', { 'desk' => reporter }],
      'agent' => ['desk.test', { 'desk' => manager, 'closed-shop' => manager }],
      'outsider' => ['elsewhere.test', {}]
    }.each do |login, (domain, roles)|
      user = User.new(firstname: login, lastname: 'Testbed', mail: "#{login}@#{domain}", language: 'en', mail_notification: 'none')
      user.login = login
      user.password = SecureRandom.hex(12)
      user.save!
      roles.each { |project, role| Member.create!(project: projects[project], principal: user, roles: [role]) }
    end

    # The administrator comes with a password that everybody knows.
    users = %w[admin terraform terraform2 agent outsider].to_h do |login|
      user = User.find_by_login(login)
      password = SecureRandom.hex(12)
      user.password = password
      user.must_change_passwd = false
      user.save!
      [login, { token: user.api_key, password: password }]
    end
    File.write(File.join(ENV.fetch('DESK_DATA'), 'private/users.json'), JSON.generate(users), perm: 0o600)
  end
end
