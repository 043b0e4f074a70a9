/* Rings one person, and when they answer connects them to another: HOST PORT PASSWORD CALLER CALLEE. */
#include <esl.h>

int main(int argc, char **argv)
{
    esl_handle_t handle = { { 0 } };
    char command[512];
    int talked = 0;

    if (argc != 6 || esl_connect(&handle, argv[1], (esl_port_t) atoi(argv[2]), NULL, argv[3]) != ESL_SUCCESS) {
        return 1;
    }
    esl_events(&handle, ESL_EVENT_TYPE_PLAIN, "CHANNEL_ANSWER CHANNEL_BRIDGE BACKGROUND_JOB CHANNEL_HANGUP_COMPLETE");
    snprintf(command, sizeof(command), "bgapi originate {originate_timeout=20,hangup_after_bridge=true}%s "
             "&bridge({originate_timeout=20}%s)", argv[4], argv[5]);
    esl_send_recv(&handle, command);

    while (esl_recv_event(&handle, 1, NULL) == ESL_SUCCESS) {
        esl_event_t *event = handle.last_ievent;
        const char *direction;

        if (!event) continue;
        direction = esl_event_get_header(event, "Call-Direction");
        if (event->event_id == ESL_EVENT_BACKGROUND_JOB) {
            if (strncmp(event->body, "+OK", 3)) {
                printf("no call: %s", event->body);
                break;
            }
            printf("%s answered\n", argv[4]);
        } else if (event->event_id == ESL_EVENT_CHANNEL_BRIDGE) {
            talked = 1;
        } else if (event->event_id == ESL_EVENT_CHANNEL_HANGUP_COMPLETE && direction) {
            printf(talked ? "they talked\n" : "%s did not answer\n", argv[5]);
            break;
        }
    }
    esl_disconnect(&handle);
    return 0;
}
