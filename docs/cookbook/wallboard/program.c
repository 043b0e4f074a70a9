/* Shows who waits in the queues and who can help: HOST PORT PASSWORD [HOW MANY CHANGES]. */
#include <esl.h>

#define MOST 100

static struct { char name[64]; int available; } agents[MOST];

static void note(const char *name, int available)
{
    int i;

    for (i = 0; i < MOST && agents[i].name[0] && strcmp(agents[i].name, name); i++) {}
    if (i < MOST) {
        esl_set_string(agents[i].name, name);
        agents[i].available = available;
    }
}

int main(int argc, char **argv)
{
    esl_handle_t handle = { { 0 } };
    int left = argc > 4 ? atoi(argv[4]) : -1;

    if (argc < 4 || esl_connect(&handle, argv[1], (esl_port_t) atoi(argv[2]), NULL, argv[3]) != ESL_SUCCESS) {
        return 1;
    }
    esl_events(&handle, ESL_EVENT_TYPE_PLAIN, "CUSTOM callcenter::info");
    while (left && esl_recv_event(&handle, 1, NULL) == ESL_SUCCESS) {
        esl_event_t *event = handle.last_ievent;
        const char *action = event ? esl_event_get_header(event, "CC-Action") : NULL;

        if (action && !strcmp(action, "agent-status-change")) {
            note(esl_event_get_header(event, "CC-Agent"), !strcmp(esl_event_get_header(event, "CC-Agent-Status"), "Available"));
        } else if (action && !strcmp(action, "members-count")) {
            int i, available = 0;

            for (i = 0; i < MOST; i++) available += agents[i].available;
            printf("%s: %s waiting, %d available\n", esl_event_get_header(event, "CC-Queue"),
                   esl_event_get_header(event, "CC-Count"), available);
            fflush(stdout);
            left--;
        }
    }
    esl_disconnect(&handle);
    return 0;
}
