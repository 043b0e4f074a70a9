/* Prints the events of one call until it ends: HOST PORT PASSWORD UUID. */
#include <esl.h>

int main(int argc, char **argv)
{
    esl_handle_t handle = { { 0 } };
    char command[128];

    if (argc != 5 || esl_connect(&handle, argv[1], (esl_port_t) atoi(argv[2]), NULL, argv[3]) != ESL_SUCCESS) {
        return 1;
    }
    snprintf(command, sizeof(command), "myevents %s", argv[4]);
    esl_send_recv(&handle, command);
    esl_send_recv(&handle, "linger 5");
    while (esl_recv_event(&handle, 1, NULL) == ESL_SUCCESS) {
        esl_event_t *event = handle.last_ievent;

        if (!event) continue;
        printf("%s\n", esl_event_get_header(event, "Event-Name"));
        if (event->event_id == ESL_EVENT_CHANNEL_HANGUP_COMPLETE) break;
    }
    printf("the call has ended\n");
    esl_disconnect(&handle);
    return 0;
}
