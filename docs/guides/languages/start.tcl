# Asks for the status, makes a call and follows it: HOST PORT PASSWORD.
load ./ESL.so Esl

lassign $argv host port password
ESLconnection fs $host $port $password
if {[fs connected] != 1} { error "not connected" }
puts [lindex [split [[fs api status] getBody] "\n"] 0]

fs events plain "CHANNEL_CREATE CHANNEL_ANSWER CHANNEL_HANGUP_COMPLETE"
# The leg is answered, sleeps for 100 ms, and hangs up.
fs bgapi originate "null/test &sleep(100)"
while {[set event [fs recvEvent]] ne "NULL"} {
    set name [$event getHeader Event-Name]
    if {$name eq ""} break
    puts $name
    if {$name eq "CHANNEL_HANGUP_COMPLETE"} {
        puts "ended: [$event getHeader Hangup-Cause]"
        break
    }
}
fs disconnect
