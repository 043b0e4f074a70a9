/* Makes a phone fetch its configuration: HOST PORT PASSWORD USER DOMAIN. */
#include <esl.h>

int main(int argc, char **argv)
{
    esl_handle_t handle = { { 0 } };
    esl_event_t *notify = NULL;

    if (argc != 6 || esl_connect(&handle, argv[1], (esl_port_t) atoi(argv[2]), NULL, argv[3]) != ESL_SUCCESS) {
        return 1;
    }
    if (esl_event_create(&notify, ESL_EVENT_NOTIFY) == ESL_SUCCESS) {
        esl_event_add_header_string(notify, ESL_STACK_BOTTOM, "profile", "internal");
        esl_event_add_header_string(notify, ESL_STACK_BOTTOM, "content-type", "application/simple-message-summary");
        esl_event_add_header_string(notify, ESL_STACK_BOTTOM, "event-string", "check-sync;reboot=false");
        esl_event_add_header_string(notify, ESL_STACK_BOTTOM, "user", argv[4]);
        esl_event_add_header_string(notify, ESL_STACK_BOTTOM, "host", argv[5]);
        if (esl_sendevent(&handle, notify) == ESL_SUCCESS) {
            printf("asked %s@%s to fetch its configuration\n", argv[4], argv[5]);
        }
        esl_event_destroy(&notify);
    }
    esl_disconnect(&handle);
    return 0;
}
