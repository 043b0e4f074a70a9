# Usage: esl.rb command|events|serve PORT PASSWORD (serve: the call is on standard input)
require "ESL"

mode, port, password = ARGV
if mode == "serve"
  con = ESL::ESLconnection.new($stdin.fileno)
  uuid = con.getInfo.getHeader("unique-id")
  puts "call #{uuid}"
  puts con.execute("answer", "", uuid).getHeader("Reply-Text")
  con.execute("hangup", "", uuid)
  exit
end
con = ESL::ESLconnection.new("127.0.0.1", port, password)
raise "not connected" unless con.connected == 1
if mode == "command"
  puts con.sendRecv("api eval hello swig").getBody
  puts con.api("eval", "again").getBody
else
  con.events("plain", "CUSTOM test::swig")
  event = ESL::ESLevent.new("CUSTOM", "test::swig")
  event.addHeader("X-Header", "x y")
  event.addBody("the body")
  con.sendEvent(event)
  got = con.recvEventTimed(5000)
  puts "#{got.getType} #{got.getHeader("X-Header")} #{got.getBody}"
  name = got.firstHeader
  while name
    puts "name #{name}"
    name = got.nextHeader
  end
  puts got.serialize("json")
end
con.disconnect
