# The whole configuration of Request Tracker: up.sh points RT here instead of /etc, and says the rest in the environment.
my $data = $ENV{DESK_DATA};
open(my $file, '<', "$data/password") or die "$data/password: $!";
chomp(my $password = <$file>);
close $file;

Set($rtname, 'desk');
Set($Organization, 'desk.test');
Set($OwnerEmail, 'owner@desk.test');
Set($CorrespondAddress, 'desk@desk.test');
Set($CommentAddress, 'comment@desk.test');
Set($Timezone, 'UTC');

Set($WebDomain, '127.0.0.1');
Set($WebPort, $ENV{DESK_PORT});
Set($WebBaseURL, "http://127.0.0.1:$ENV{DESK_PORT}");
Set($WebSecureCookies, 0); # There is no TLS on loopback.

Set($DatabaseType, 'Pg');
Set($DatabaseHost, '127.0.0.1');
Set($DatabasePort, $ENV{DESK_DATABASE_PORT});
Set($DatabaseName, 'rt');
Set($DatabaseUser, 'rt');
Set($DatabasePassword, $password);

Set($MailCommand, 'sendmailpipe');
Set($SendmailPath, "$data/mail");
Set($LogToSyslog, '');
Set($LogToSTDERR, 'warning');

# RT hashes the token or password of every single request; at its own cost of 12 that is 0.2 s each, which no test needs.
Set($BcryptCost, 4);

$RT::VarPath = "$data/var";
$RT::LogDir = "$data/var/log";
$RT::MasonDataDir = "$data/var/mason_data";
$RT::MasonSessionDir = "$data/var/session_data";

# A change has to be approved, and who asks for it may not be who approves it.
Set(%Lifecycles,
  change => {
    type => 'ticket',
    initial => ['requested'],
    active => ['assessing', 'approved', 'implementing', 'onhold'],
    inactive => ['resolved', 'rejected', 'cancelled', 'deleted'],
    defaults => { on_create => 'requested', on_merge => 'cancelled' },
    transitions => {
      '' => ['requested'],
      requested => ['assessing', 'approved', 'rejected', 'cancelled', 'deleted'],
      assessing => ['approved', 'rejected', 'onhold', 'cancelled', 'deleted'],
      approved => ['implementing', 'onhold', 'cancelled', 'deleted'],
      implementing => ['resolved', 'onhold', 'cancelled', 'deleted'],
      onhold => ['assessing', 'approved', 'implementing', 'cancelled', 'deleted'],
      resolved => ['implementing'],
      rejected => ['requested'],
      cancelled => ['requested'],
      deleted => ['requested'],
    },
    rights => {
      '* -> approved' => 'ApproveChange',
      '* -> rejected' => 'ApproveChange',
      '* -> deleted' => 'DeleteTicket',
      '* -> *' => 'ModifyTicket',
    },
    # What is listed here, REST2 names to whoever may do it.
    actions => [
      'requested -> approved' => { label => 'Approve' },
      'requested -> rejected' => { label => 'Reject', update => 'Respond' },
      'approved -> implementing' => { label => 'Start' },
      'implementing -> resolved' => { label => 'Resolve', update => 'Respond' },
      '* -> cancelled' => { label => 'Cancel', update => 'Comment' },
    ],
  },
  # A ticket that moves to a queue of the other lifecycle needs a status there.
  __maps__ => {
    'default -> change' => {
      new => 'requested', open => 'assessing', stalled => 'onhold',
      resolved => 'resolved', rejected => 'rejected', deleted => 'deleted',
    },
    'change -> default' => {
      requested => 'new', assessing => 'open', approved => 'open', implementing => 'open', onhold => 'stalled',
      resolved => 'resolved', rejected => 'rejected', cancelled => 'rejected', deleted => 'deleted',
    },
  },
);

1;
