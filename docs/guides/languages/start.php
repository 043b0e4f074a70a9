<?php
// Asks for the status, makes a call and follows it: HOST PORT PASSWORD.
[, $host, $port, $password] = $argv;
$fs = new ESLconnection($host, $port, $password);
if (!$fs->connected()) {
    fwrite(STDERR, "not connected\n");
    exit(1);
}
echo strtok($fs->api("status")->getBody(), "\n"), "\n";

$fs->events("plain", "CHANNEL_CREATE CHANNEL_ANSWER CHANNEL_HANGUP_COMPLETE");
// The leg is answered, sleeps for 100 ms, and hangs up.
$fs->bgapi("originate", "null/test &sleep(100)");
while ($name = ($event = $fs->recvEvent())->getHeader("Event-Name")) {
    echo $name, "\n";
    if ($name === "CHANNEL_HANGUP_COMPLETE") {
        echo "ended: ", $event->getHeader("Hangup-Cause"), "\n";
        break;
    }
}
$fs->disconnect();
