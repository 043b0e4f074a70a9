-- Usage: esl.lua command|events|serve PORT PASSWORD (serve: the call is on standard input)
require("ESL")

local mode, port, password = arg[1], arg[2], arg[3]
if mode == "serve" then
    local con = ESL.ESLconnection(0)
    local uuid = con:getInfo():getHeader("unique-id")
    print("call " .. uuid)
    print(con:execute("answer", "", uuid):getHeader("Reply-Text"))
    con:execute("hangup", "", uuid)
    os.exit(0)
end
local con = ESL.ESLconnection("127.0.0.1", port, password)
assert(con:connected() == 1, "not connected")
if mode == "command" then
    print(con:sendRecv("api eval hello swig"):getBody())
    print(con:api("eval", "again"):getBody())
else
    con:events("plain", "CUSTOM test::swig")
    local event = ESL.ESLevent("CUSTOM", "test::swig")
    event:addHeader("X-Header", "x y")
    event:addBody("the body")
    con:sendEvent(event)
    local got = con:recvEventTimed(5000)
    print(got:getType() .. " " .. got:getHeader("X-Header") .. " " .. got:getBody())
    local name = got:firstHeader()
    while name do
        print("name " .. name)
        name = got:nextHeader()
    end
    print(got:serialize("json"))
end
con:disconnect()
