# Usage: esl.tcl command|events|serve PORT PASSWORD (serve: the call is on standard input)
load ./ESL.so Esl

lassign $argv mode port password
if {$mode eq "serve"} {
    ESLconnection con 0
    set info [con getInfo]
    set uuid [ESLevent_getHeader $info "unique-id"]
    puts "call $uuid"
    puts [ESLevent_getHeader [con execute "answer" "" $uuid] "Reply-Text"]
    con execute "hangup" "" $uuid
    exit
}
ESLconnection con "127.0.0.1" $port $password
if {[con connected] != 1} { error "not connected" }
if {$mode eq "command"} {
    puts [ESLevent_getBody [con sendRecv "api eval hello swig"]]
    puts [ESLevent_getBody [con api "eval" "again"]]
} else {
    con events "plain" "CUSTOM test::swig"
    ESLevent event "CUSTOM" "test::swig"
    event addHeader "X-Header" "x y"
    event addBody "the body"
    con sendEvent [event cget -this]
    set got [con recvEventTimed 5000]
    puts "[ESLevent_getType $got] [ESLevent_getHeader $got "X-Header"] [ESLevent_getBody $got]"
    set name [ESLevent_firstHeader $got]
    while {$name ne ""} {
        puts "name $name"
        set name [ESLevent_nextHeader $got]
    }
    puts [ESLevent_serialize $got "json"]
}
con disconnect
