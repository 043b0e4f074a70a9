/* Asks for the status, makes a call and follows it: HOST PORT PASSWORD. */
#include <esl.h>

int main(int argc, char **argv)
{
    esl_handle_t handle = { { 0 } };

    if (argc != 4 || esl_connect(&handle, argv[1], (esl_port_t) atoi(argv[2]), NULL, argv[3]) != ESL_SUCCESS) {
        return 1;
    }
    esl_send_recv(&handle, "api status");
    printf("%.*s\n", (int) strcspn(handle.last_sr_event->body, "\n"), handle.last_sr_event->body);

    esl_events(&handle, ESL_EVENT_TYPE_PLAIN, "CHANNEL_CREATE CHANNEL_ANSWER CHANNEL_HANGUP_COMPLETE");
    /* The leg is answered, sleeps for 100 ms, and hangs up. */
    esl_send_recv(&handle, "bgapi originate null/test &sleep(100)");
    while (esl_recv_event(&handle, 1, NULL) == ESL_SUCCESS) {
        esl_event_t *event = handle.last_ievent;

        if (!event) continue;
        printf("%s\n", esl_event_name(event->event_id));
        if (event->event_id == ESL_EVENT_CHANNEL_HANGUP_COMPLETE) {
            printf("ended: %s\n", esl_event_get_header(event, "Hangup-Cause"));
            break;
        }
    }
    esl_disconnect(&handle);
    return 0;
}
