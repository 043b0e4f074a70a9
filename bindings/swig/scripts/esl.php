<?php
// Usage: esl.php command|events|serve PORT PASSWORD (serve: the call is on standard input)
[, $mode, $port, $password] = array_pad($argv, 4, '');
if ($mode == "serve") {
    $con = new ESLconnection(0);
    $uuid = $con->getInfo()->getHeader("unique-id");
    echo "call $uuid\n", $con->execute("answer", "", $uuid)->getHeader("Reply-Text"), "\n";
    $con->execute("hangup", "", $uuid);
    exit;
}
$con = new ESLconnection("127.0.0.1", $port, $password);
if (!$con->connected()) {
    exit(1);
}
if ($mode == "command") {
    echo $con->sendRecv("api eval hello swig")->getBody(), "\n", $con->api("eval", "again")->getBody(), "\n";
} else {
    $con->events("plain", "CUSTOM test::swig");
    $event = new ESLevent("CUSTOM", "test::swig");
    $event->addHeader("X-Header", "x y");
    $event->addBody("the body");
    $con->sendEvent($event);
    $got = $con->recvEventTimed(5000);
    echo $got->getType(), " ", $got->getHeader("X-Header"), " ", $got->getBody(), "\n";
    for ($name = $got->firstHeader(); $name; $name = $got->nextHeader()) {
        echo "name $name\n";
    }
    echo $got->serialize("json"), "\n";
}
$con->disconnect();
