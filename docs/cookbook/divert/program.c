/* Gets a note that is meant for the program which has the call: PORT. */
#include <esl.h>

static void serve(esl_socket_t server, esl_socket_t client, struct sockaddr_in *address, void *data)
{
    esl_handle_t handle = { { 0 } };
    esl_event_t *note = NULL;

    (void) server;
    (void) data;
    if (esl_attach_handle(&handle, client, address) != ESL_SUCCESS) {
        return;
    }
    esl_send_recv(&handle, "divert_events on");

    /* Any other program can send this. */
    if (esl_event_create_subclass(&note, ESL_EVENT_CUSTOM, "desk::note") == ESL_SUCCESS) {
        esl_event_add_header_string(note, ESL_STACK_BOTTOM, "Unique-ID", esl_event_get_header(handle.info_event, "Unique-ID"));
        esl_event_add_header_string(note, ESL_STACK_BOTTOM, "Note", "the caller is a good customer");
        esl_sendevent(&handle, note);
        esl_event_destroy(&note);
    }
    while (esl_recv_event(&handle, 1, NULL) == ESL_SUCCESS) {
        const char *text = handle.last_ievent ? esl_event_get_header(handle.last_ievent, "Note") : NULL;

        if (text) {
            printf("a note: %s\n", text);
            fflush(stdout);
            break;
        }
    }
    esl_execute(&handle, "hangup", NULL, NULL);
    esl_disconnect(&handle);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        return 1;
    }
    return esl_listen_threaded("127.0.0.1", (esl_port_t) atoi(argv[1]), serve, NULL, 100000) != ESL_SUCCESS;
}
