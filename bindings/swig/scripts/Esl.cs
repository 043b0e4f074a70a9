// Usage: Esl.exe command|events|serve PORT PASSWORD (serve: the call is on standard input)
using System;

public static class Esl {
    public static int Main(string[] args) {
        string mode = args[0];
        if (mode == "serve") {
            ESLconnection call = new ESLconnection(0);
            string uuid = call.getInfo().getHeader("unique-id");
            Console.WriteLine("call " + uuid);
            Console.WriteLine(call.execute("answer", "", uuid).getHeader("Reply-Text"));
            call.execute("hangup", "", uuid);
            return 0;
        }
        ESLconnection con = new ESLconnection("127.0.0.1", args[1], args[2]);
        if (con.connected() != 1) {
            return 1;
        }
        if (mode == "command") {
            Console.WriteLine(con.sendRecv("api eval hello swig").getBody());
            Console.WriteLine(con.api("eval", "again").getBody());
        } else {
            con.events("plain", "CUSTOM test::swig");
            ESLevent e = new ESLevent("CUSTOM", "test::swig");
            e.addHeader("X-Header", "x y");
            e.addBody("the body");
            con.sendEvent(e);
            ESLevent got = con.recvEventTimed(5000);
            Console.WriteLine(got.getType() + " " + got.getHeader("X-Header") + " " + got.getBody());
            for (string name = got.firstHeader(); name != null; name = got.nextHeader()) {
                Console.WriteLine("name " + name);
            }
            Console.WriteLine(got.serialize("json"));
        }
        con.disconnect();
        return 0;
    }
}
