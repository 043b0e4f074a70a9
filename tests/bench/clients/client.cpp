// The C++ API: ESLconnection and ESLevent. Built against ours and against the original.
#include <esl.h>

#include <esl_oop.h>

#include <vector>

#include "turn.h"

// The original takes its strings as char *.
static char *text(const char *constant)
{
    return const_cast<char *>(constant);
}

static void receive(struct turn *turn, ESLconnection &connection)
{
    for (int left = turn->count; left > 0; left--) {
        ESLevent *event = connection.recvEvent();
        turn_must(event != NULL, "recvEvent");
        if (turn->is_stamped) {
            turn_stamp(turn, event->getHeader(text(STAMP)));
        } else {
            turn_add(turn, event->getHeader(text("Event-Name")), event->getHeader(text("Unique-ID")),
                     event->getHeader(text("Channel-State")), event->getBody());
        }
        delete event;
    }
}

int main(int argc, char **argv)
{
    struct turn turn;

    turn_read(&turn, argc, argv);
    if (argc > 6) {
        esl_global_set_default_logger(0);
    }
    std::vector<ESLconnection *> connections;
    for (int i = 0; i < turn_connections(&turn); i++) {
        connections.push_back(new ESLconnection("127.0.0.1", turn.port, "ClueCon"));
        turn_must(connections[i]->connected(), "connected");
        if (!turn_is(&turn, "idle") && !turn_is(&turn, "serial")) {
            connections[i]->events(turn.format, "ALL");
        }
    }
    size_t resident = 0;
    for (size_t i = 0; i < connections.size(); i++) {
        resident += turn_resident(connections[i], sizeof(ESLconnection));
    }
    turn_start(&turn, resident);
    if (turn_is(&turn, "serial")) {
        for (int i = 0; i < turn.count; i++) {
            ESLevent *answer = connections[0]->api("x");
            turn_must(answer && strcmp(answer->getBody(), "+OK") == 0, "+OK");
            turn.events++;
            delete answer;
        }
    } else if (turn_is(&turn, "flood")) {
        for (size_t i = 0; i < connections.size(); i++) {
            delete connections[i]->sendRecv(turn.stream);
        }
        usleep(200000);
        for (size_t i = 0; i < connections.size(); i++) {
            receive(&turn, *connections[i]);
        }
    } else if (!turn_is(&turn, "idle")) {
        delete connections[0]->sendRecv(turn.stream);
        receive(&turn, *connections[0]);
    }
    turn_stop(&turn);
    for (size_t i = 0; i < connections.size(); i++) {
        delete connections[i];
    }
    return 0;
}
