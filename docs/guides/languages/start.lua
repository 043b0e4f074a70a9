-- Asks for the status, makes a call and follows it: HOST PORT PASSWORD.
require("ESL")

local host, port, password = arg[1], arg[2], arg[3]
local fs = ESL.ESLconnection(host, port, password)
assert(fs:connected() == 1, "not connected")
print(fs:api("status"):getBody():match("[^\n]*"))

fs:events("plain", "CHANNEL_CREATE CHANNEL_ANSWER CHANNEL_HANGUP_COMPLETE")
-- The leg is answered, sleeps for 100 ms, and hangs up.
fs:bgapi("originate", "null/test &sleep(100)")
while true do
    local event = fs:recvEvent()
    local name = event:getHeader("Event-Name")
    if not name then break end
    print(name)
    if name == "CHANNEL_HANGUP_COMPLETE" then
        print("ended: " .. event:getHeader("Hangup-Cause"))
        break
    end
end
fs:disconnect()
