// The C++ classes. Arguments: port, password.
#include "esl_oop.h"

#include <string>

#define CHECK(condition)                                           \
    do {                                                           \
        if (!(condition)) {                                        \
            fprintf(stderr, "%d: %s\n", __LINE__, #condition);     \
            return 1;                                              \
        }                                                          \
    } while (0)

int main(int argc, char **argv)
{
    if (argc < 3) {
        return 2;
    }
    ESLconnection unconnected("127.0.0.1", "1", "x");
    CHECK(!unconnected.connected() && unconnected.socketDescriptor() == -1);
    CHECK(!unconnected.sendRecv("api status") && !unconnected.api("status") && unconnected.send("x") == ESL_FAIL);
    ESLevent *gone = unconnected.recvEvent();
    CHECK(std::string(gone->getType()) == "SERVER_DISCONNECTED");
    delete gone;
    CHECK(!unconnected.recvEventTimed(10) && unconnected.disconnect() == 0 && unconnected.disconnect() == 0);

    ESLconnection con("127.0.0.1", atoi(argv[1]), argv[2]);
    CHECK(con.connected() && con.socketDescriptor() > 0 && !con.getInfo());
    ESLevent *reply = con.api("eval", "hello there");
    CHECK(reply && std::string(reply->getBody()) == "hello there");
    delete reply;
    reply = con.bgapi("eval", "x", "my-job-uuid");
    CHECK(reply && std::string(reply->getHeader("Job-UUID")) == "my-job-uuid");
    delete reply;
    CHECK(!con.api("eval", "a\n\nexit"));
    CHECK(con.events("plain", "CUSTOM test::cpp") == ESL_SUCCESS);
    delete con.filter("Event-Subclass", "test::cpp");

    ESLevent event("CUSTOM", "test::cpp");
    CHECK(event.addHeader("X-One", "1") && event.pushHeader("X-List", "b") && event.unshiftHeader("X-List", "a"));
    CHECK(event.addBody("the body") && event.setPriority(ESL_PRIORITY_HIGH));
    CHECK(std::string(event.serialize()).find("X-List: ARRAY%3A%3Aa%7C%3Ab\n") != std::string::npos);
    reply = con.sendEvent(&event);
    CHECK(reply && !strncmp(reply->getHeader("Reply-Text"), "+OK", 3));
    delete reply;
    ESLevent *got = con.recvEventTimed(3000);
    CHECK(got && std::string(got->getType()) == "CUSTOM" && std::string(got->getHeader("X-List", 1)) == "b");
    CHECK(std::string(got->getBody()) == "the body");
    int names = 0;
    for (const char *name = got->firstHeader(); name; name = got->nextHeader()) {
        names++;
    }
    CHECK(names > 5 && got->mine && got->event);
    ESLevent copy(*got), taken(got);
    CHECK(!got->event && taken.event && copy.delHeader("X-One") && !copy.getHeader("X-One"));
    delete got;
    CHECK(std::string(taken.serialize("json")).find("\"X-One\":\t\"1\"") != std::string::npos);

    ESLevent unknown("NO_SUCH_TYPE"), read("json", "{\"Event-Name\":\"TEXT\"}"), subclassed("DTMF", "a::b");
    CHECK(std::string(unknown.getType()) == "MESSAGE" && std::string(read.getType()) == "TEXT");
    CHECK(std::string(subclassed.getType()) == "CUSTOM");
    CHECK(con.setAsyncExecute("true") == 1 && con.setEventLock("0") == 0);
    CHECK(con.setEventLock("true") == 1 && con.setAsyncExecute(NULL) == 1 && con.setEventLock(NULL) == 1);
    CHECK(con.disconnect() == ESL_SUCCESS && !con.connected() && con.disconnect() == 0);
    puts("done");
    return 0;
}
