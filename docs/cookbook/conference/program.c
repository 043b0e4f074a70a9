/* Answers calls and puts them into a conference: PORT. */
#include <esl.h>

static void serve(esl_socket_t server, esl_socket_t client, struct sockaddr_in *address, void *data)
{
    esl_handle_t handle = { { 0 } };

    (void) server;
    (void) data;
    if (esl_attach_handle(&handle, client, address) != ESL_SUCCESS) {
        return;
    }
    esl_send_recv(&handle, "linger 10");
    esl_send_recv(&handle, "myevents");
    esl_events(&handle, ESL_EVENT_TYPE_PLAIN, "CUSTOM conference::maintenance");
    esl_execute(&handle, "answer", NULL, NULL);
    esl_execute(&handle, "conference", "3000@default", NULL);
    while (esl_recv_event(&handle, 1, NULL) == ESL_SUCCESS) {
        esl_event_t *event = handle.last_ievent;
        const char *action;

        if (!event) continue;
        action = esl_event_get_header(event, "Action");
        if (event->event_id == ESL_EVENT_CUSTOM && action && !strcmp(action, "add-member")) {
            printf("member %s is in the room\n", esl_event_get_header(event, "Member-ID"));
            fflush(stdout);
        } else if (event->event_id == ESL_EVENT_CHANNEL_HANGUP_COMPLETE) {
            printf("%s left: %s\n", esl_event_get_header(event, "Unique-ID"), esl_event_get_header(event, "Hangup-Cause"));
            fflush(stdout);
            break;
        }
    }
    esl_disconnect(&handle);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        return 1;
    }
    return esl_listen_threaded("127.0.0.1", (esl_port_t) atoi(argv[1]), serve, NULL, 100000) != ESL_SUCCESS;
}
