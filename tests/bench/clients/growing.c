/* What grows in C: the cost of one part among many. KIND MANY, and then as every client: WORK PORT COUNT SENDS. */
#include "esl.h"

#include "turn.h"

/* Builds events of many headers, or of one array of many elements, until there are COUNT parts. */
static void build(struct turn *turn, int many, esl_stack_t stack)
{
    while ((int)turn->events < turn->count) {
        esl_event_t *event = NULL;
        char name[32] = "list";
        int part;

        turn_must(esl_event_create(&event, ESL_EVENT_CUSTOM) == ESL_SUCCESS, "esl_event_create");
        for (part = 0; part < many; part++) {
            if (stack == ESL_STACK_BOTTOM) {
                snprintf(name, sizeof(name), "variable_%05d", part);
            }
            turn_must(esl_event_add_header_string(event, stack, name, "a value") == ESL_SUCCESS, "add_header");
            turn->events++;
        }
        esl_event_destroy(&event);
    }
}

/* Many events at a time come while a command waits for its reply; then they are taken. */
static void aside(struct turn *turn, int many)
{
    static esl_handle_t handle;
    char stream[64];

    turn_must(esl_connect(&handle, "127.0.0.1", (esl_port_t)turn->port, NULL, "ClueCon") == ESL_SUCCESS, "esl_connect");
    turn_must(esl_send_recv(&handle, "event plain ALL") == ESL_SUCCESS, "event plain ALL");
    snprintf(stream, sizeof(stream), "api stream %d bulk", many);
    turn_start(turn, 0);
    while ((int)turn->events < turn->count) {
        int left = many;

        turn_must(esl_send(&handle, stream) == ESL_SUCCESS, stream);
        /* The first takes the stream's reply; that to the first comes after the events, and the second takes it. */
        turn_must(esl_send_recv(&handle, "api x") == ESL_SUCCESS, "api x");
        turn_must(esl_send_recv(&handle, "api x") == ESL_SUCCESS, "api x");
        while (left > 0) {
            turn_must(esl_recv_event(&handle, 1, NULL) == ESL_SUCCESS, "esl_recv_event");
            if (handle.last_ievent) {
                turn->events++;
                left--;
            }
        }
        turn_must(esl_recv_event(&handle, 1, NULL) == ESL_SUCCESS && !handle.last_ievent, "the last reply");
    }
    turn_stop(turn);
    esl_disconnect(&handle);
}

int main(int argc, char **argv)
{
    struct turn turn;
    int many;

    if (argc < 3) {
        return 2;
    }
    many = atoi(argv[2]);
    turn_read(&turn, argc - 1, argv + 1);
    if (!strcmp(argv[1], "c-aside")) {
        aside(&turn, many);
        return 0;
    }
    turn_start(&turn, 0);
    build(&turn, many, strcmp(argv[1], "c-pushes") ? ESL_STACK_BOTTOM : ESL_STACK_PUSH);
    turn_stop(&turn);
    return 0;
}
