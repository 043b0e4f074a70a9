# Asks for the status, makes a call and follows it: HOST PORT PASSWORD.
require "ESL"

host, port, password = ARGV
fs = ESL::ESLconnection.new(host, port, password)
abort "not connected" unless fs.connected == 1
puts fs.api("status").getBody.lines.first

fs.events("plain", "CHANNEL_CREATE CHANNEL_ANSWER CHANNEL_HANGUP_COMPLETE")
# The leg is answered, sleeps for 100 ms, and hangs up.
fs.bgapi("originate", "null/test &sleep(100)")
while (event = fs.recvEvent) && (name = event.getHeader("Event-Name"))
  puts name
  if name == "CHANNEL_HANGUP_COMPLETE"
    puts "ended: #{event.getHeader("Hangup-Cause")}"
    break
  end
end
fs.disconnect
