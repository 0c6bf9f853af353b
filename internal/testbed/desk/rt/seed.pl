# Initial data of Request Tracker: queues, custom fields, users, rights, and everybody's credentials.
use strict;
use warnings;

our (@Queues, @CustomFields, @Groups, @Users, @Members, @ACL, @Final);

sub secret {
  open(my $random, '<:raw', '/dev/urandom') or die "/dev/urandom: $!";
  read($random, my $bytes, 12) == 12 or die "/dev/urandom: $!";
  return unpack('H*', $bytes);
}

my %lifecycle = (
  'Change Requests' => 'change',
  'Approvals' => 'change', # Of change requests, by somebody other than the desk itself.
  'Incidents' => 'default',
  'Service Requests' => 'default',
);
my @open = sort keys %lifecycle;
my @all = (@open, 'Closed Shop');

@Queues = (
  (map { { Name => $_, Lifecycle => $lifecycle{$_} } } @open),
  { Name => 'Closed Shop', Lifecycle => 'default', Description => 'No client has any rights here' },
);

@CustomFields = map { { MaxValues => 1, Type => 'Freeform', LookupType => 'RT::Queue-RT::Ticket', ApplyTo => [@open], %$_ } } (
  # A pattern that takes no empty value would make the field mandatory.
  { Name => 'External Key', UniqueValues => 1, Pattern => '(?#Key)^(?:[A-Za-z0-9:._/-]{8,200})?$' },
  { Name => 'Cost Centre', Pattern => '(?#FourDigits)^(?:[0-9]{4})?$' },
  { Name => 'Project' },
  { Name => 'Affected Resources', MaxValues => 0 }, # As many as one likes.
  {
    Name => 'Severity',
    Type => 'Select',
    Values => [{ Name => 'critical', SortOrder => 1 }, { Name => 'major', SortOrder => 2 }, { Name => 'minor', SortOrder => 3 }],
  },
);

my %password = map { $_ => secret() } qw(terraform terraform2 agent outsider);
my %email = (
  terraform => 'terraform@agency.test',
  terraform2 => 'terraform@other-agency.test',
  agent => 'agent@desk.test',
  outsider => 'outsider@elsewhere.test',
);
@Users = map { { Name => $_, EmailAddress => $email{$_}, Password => $password{$_}, Privileged => 1 } } sort keys %email;
@Groups = ({ Name => 'Service Desk' }, { Name => 'API Clients' });
@Members = (
  { Group => 'Service Desk', Name => 'agent' },
  { Group => 'API Clients', Name => 'terraform' },
  { Group => 'API Clients', Name => 'terraform2' },
);

my @client = qw(SeeQueue ShowTicket ShowTicketComments CreateTicket ModifyTicket CommentOnTicket ReplyToTicket
  SeeCustomField ModifyCustomField);
my @agent = (@client, qw(ApproveChange DeleteTicket OwnTicket TakeTicket StealTicket Watch ForwardMessage ShowOutgoingEmail));
@ACL = (
  (map { { GroupDomain => 'UserDefined', GroupId => 'API Clients', Queue => $_, Right => [@client] } } @open),
  (map { { GroupDomain => 'UserDefined', GroupId => 'Service Desk', Queue => $_, Right => [@agent] } } @all),
);

# REST2 makes no tokens, so everybody gets one here.
@Final = (sub {
  open(my $file, '<', "$ENV{DESK_DATA}/password") or die "$ENV{DESK_DATA}/password: $!";
  chomp($password{root} = <$file>);
  close $file;
  my @users;
  for my $name (sort keys %password) {
    my $user = RT::User->new(RT->SystemUser);
    $user->Load($name);
    my ($ok, $message, $token) = RT::AuthToken->new(RT->SystemUser)->Create(Owner => $user->Id, Description => 'testbed');
    die "$name: $message" unless $ok;
    push @users, qq("$name": {"token": "$token", "password": "$password{$name}"});
  }
  umask 077;
  open(my $out, '>', "$ENV{DESK_DATA}/private/users.json") or die "users.json: $!";
  print $out '{', join(', ', @users), "}\n" or die "users.json: $!";
  close $out or die "users.json: $!";
});

1;
