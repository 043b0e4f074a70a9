/* Sends calls on through a trunk by the dialled number: PORT. */
#include <esl.h>

static void serve(esl_socket_t server, esl_socket_t client, struct sockaddr_in *address, void *data)
{
    esl_handle_t handle = { { 0 } };
    const char *number;
    char leg[256];

    (void) server;
    (void) data;
    if (esl_attach_handle(&handle, client, address) != ESL_SUCCESS) {
        return;
    }
    number = esl_event_get_header(handle.info_event, "Caller-Destination-Number");
    if (number && *number == '0') number++;
    snprintf(leg, sizeof(leg), "{originate_timeout=30}sofia/gateway/trunk/%s", number ? number : "");

    esl_send_recv(&handle, "linger 10");
    esl_send_recv(&handle, "myevents");
    esl_execute(&handle, "set", "hangup_after_bridge=true", NULL);
    esl_execute(&handle, "bridge", leg, NULL);
    while (esl_recv_event(&handle, 1, NULL) == ESL_SUCCESS) {
        esl_event_t *event = handle.last_ievent;

        /* What is billed comes with the last event. */
        if (event && event->event_id == ESL_EVENT_CHANNEL_HANGUP_COMPLETE) {
            const char *seconds = esl_event_get_header(event, "variable_billsec");

            printf("%s: %s %s seconds\n", number ? number : "", esl_event_get_header(event, "Hangup-Cause"), seconds ? seconds : "0");
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
