// Asks for the status, makes a call and follows it: HOST PORT PASSWORD.
import org.freeswitch.esl.ESLconnection;
import org.freeswitch.esl.ESLevent;

public class Start {
    public static void main(String[] args) {
        System.loadLibrary("esljni");
        ESLconnection fs = new ESLconnection(args[0], args[1], args[2]);
        if (fs.connected() != 1) {
            System.err.println("not connected");
            System.exit(1);
        }
        System.out.println(fs.api("status", "").getBody().lines().findFirst().orElse(""));

        fs.events("plain", "CHANNEL_CREATE CHANNEL_ANSWER CHANNEL_HANGUP_COMPLETE");
        // The leg is answered, sleeps for 100 ms, and hangs up.
        fs.bgapi("originate", "null/test &sleep(100)", null);
        while (true) {
            ESLevent event = fs.recvEvent();
            String name = event.getHeader("Event-Name", -1);
            if (name == null) {
                break;
            }
            System.out.println(name);
            if (name.equals("CHANNEL_HANGUP_COMPLETE")) {
                System.out.println("ended: " + event.getHeader("Hangup-Cause", -1));
                break;
            }
        }
        fs.disconnect();
    }
}
