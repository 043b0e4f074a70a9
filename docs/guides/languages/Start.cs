// Asks for the status, makes a call and follows it: HOST PORT PASSWORD.
using System;

public static class Start {
    public static int Main(string[] args) {
        ESLconnection fs = new ESLconnection(args[0], args[1], args[2]);
        if (fs.connected() != 1) {
            Console.Error.WriteLine("not connected");
            return 1;
        }
        Console.WriteLine(fs.api("status", "").getBody().Split('\n')[0]);

        fs.events("plain", "CHANNEL_CREATE CHANNEL_ANSWER CHANNEL_HANGUP_COMPLETE");
        // The leg is answered, sleeps for 100 ms, and hangs up.
        fs.bgapi("originate", "null/test &sleep(100)", null);
        while (true) {
            ESLevent e = fs.recvEvent();
            string name = e.getHeader("Event-Name");
            if (name == null) {
                break;
            }
            Console.WriteLine(name);
            if (name == "CHANNEL_HANGUP_COMPLETE") {
                Console.WriteLine("ended: " + e.getHeader("Hangup-Cause"));
                break;
            }
        }
        fs.disconnect();
        return 0;
    }
}
