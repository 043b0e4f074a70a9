// Usage: Esl command|events|serve PORT PASSWORD (serve: the call is on standard input)
import org.freeswitch.esl.*;

public class Esl {
    public static void main(String[] args) {
        System.loadLibrary("esljni");
        String mode = args[0];
        if (mode.equals("serve")) {
            ESLconnection call = new ESLconnection(0);
            String uuid = call.getInfo().getHeader("unique-id", -1);
            System.out.println("call " + uuid);
            System.out.println(call.execute("answer", "", uuid).getHeader("Reply-Text", -1));
            call.execute("hangup", "", uuid);
            return;
        }
        ESLconnection con = new ESLconnection("127.0.0.1", args[1], args[2]);
        if (con.connected() != 1) {
            System.exit(1);
        }
        if (mode.equals("command")) {
            System.out.println(con.sendRecv("api eval hello swig").getBody());
            System.out.println(con.api("eval", "again").getBody());
        } else {
            con.events("plain", "CUSTOM test::swig");
            ESLevent event = new ESLevent("CUSTOM", "test::swig");
            event.addHeader("X-Header", "x y");
            event.addBody("the body");
            con.sendEvent(event);
            ESLevent got = con.recvEventTimed(5000);
            System.out.println(got.getType() + " " + got.getHeader("X-Header", -1) + " " + got.getBody());
            for (String name = got.firstHeader(); name != null; name = got.nextHeader()) {
                System.out.println("name " + name);
            }
            System.out.println(got.serialize("json"));
        }
        con.disconnect();
    }
}
