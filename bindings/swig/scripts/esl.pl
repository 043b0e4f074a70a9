# Usage: esl.pl command|events|serve PORT PASSWORD (serve: the call is on standard input)
use strict;
use warnings;
require ESL;

my ($mode, $port, $password) = @ARGV;
ESL::eslSetLogLevel(3);
if ($mode eq "serve") {
    my $con = ESL::ESLconnection->new(fileno(STDIN));
    my $uuid = $con->getInfo()->getHeader("unique-id");
    print "call $uuid\n";
    print $con->execute("answer", "", $uuid)->getHeader("Reply-Text"), "\n";
    $con->execute("hangup", "", $uuid);
    exit;
}
my $con = ESL::ESLconnection->new("127.0.0.1", $port, $password);
$con->connected() or die "not connected";
if ($mode eq "command") {
    print $con->sendRecv("api eval hello swig")->getBody(), "\n";
    print $con->api("eval", "again")->getBody(), "\n";
} else {
    $con->events("plain", "CUSTOM test::swig");
    my $event = ESL::ESLevent->new("CUSTOM", "test::swig");
    $event->addHeader("X-Header", "x y");
    $event->addBody("the body");
    $con->sendEvent($event);
    my $got = $con->recvEventTimed(5000) or die "nothing came";
    print $got->getType(), " ", $got->getHeader("X-Header"), " ", $got->getBody(), "\n";
    for (my $name = $got->firstHeader(); $name; $name = $got->nextHeader()) {
        print "name $name\n";
    }
    print $got->serialize("json"), "\n";
}
$con->disconnect();
