# Asks for the status, makes a call and follows it: HOST PORT PASSWORD.
use strict;
use warnings;
use ESL;

my ($host, $port, $password) = @ARGV;
my $fs = ESL::ESLconnection->new($host, $port, $password);
$fs->connected() or die "not connected\n";
print +(split /\n/, $fs->api("status")->getBody())[0], "\n";

$fs->events("plain", "CHANNEL_CREATE CHANNEL_ANSWER CHANNEL_HANGUP_COMPLETE");
# The leg is answered, sleeps for 100 ms, and hangs up.
$fs->bgapi("originate", "null/test &sleep(100)");
while (my $event = $fs->recvEvent()) {
    my $name = $event->getHeader("Event-Name") or last;
    print "$name\n";
    if ($name eq "CHANNEL_HANGUP_COMPLETE") {
        print "ended: ", $event->getHeader("Hangup-Cause"), "\n";
        last;
    }
}
$fs->disconnect();
