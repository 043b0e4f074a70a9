/* Lights the message lamp of a phone, and puts it out: HOST PORT PASSWORD ACCOUNT. */
#include <esl.h>

static int tell(esl_handle_t *handle, const char *account, int fresh, int old)
{
    esl_event_t *event = NULL;
    esl_status_t status;

    if (esl_event_create(&event, ESL_EVENT_MESSAGE_WAITING) != ESL_SUCCESS) {
        return -1;
    }
    esl_event_add_header_string(event, ESL_STACK_BOTTOM, "MWI-Messages-Waiting", fresh ? "yes" : "no");
    esl_event_add_header_string(event, ESL_STACK_BOTTOM, "MWI-Message-Account", account);
    esl_event_add_header(event, ESL_STACK_BOTTOM, "MWI-Voice-Message", "%d/%d (0/0)", fresh, old);
    status = esl_sendevent(handle, event);
    esl_event_destroy(&event);
    return status == ESL_SUCCESS ? 0 : -1;
}

int main(int argc, char **argv)
{
    esl_handle_t handle = { { 0 } };

    if (argc != 5 || esl_connect(&handle, argv[1], (esl_port_t) atoi(argv[2]), NULL, argv[3]) != ESL_SUCCESS) {
        return 1;
    }
    if (!tell(&handle, argv[4], 2, 5)) printf("on\n");
    if (!tell(&handle, argv[4], 0, 7)) printf("off\n");
    esl_disconnect(&handle);
    return 0;
}
