/* An originate that is not answered, then such a bridge: HOST PORT PASSWORD ANSWERS NEVER. */
#include <esl.h>

int main(int argc, char **argv)
{
    esl_handle_t handle = { { 0 } };
    char command[512];

    if (argc != 6 || esl_connect(&handle, argv[1], (esl_port_t) atoi(argv[2]), NULL, argv[3]) != ESL_SUCCESS) {
        return 1;
    }
    /* The reply to `api` comes when the originate has ended: -ERR and the cause. */
    snprintf(command, sizeof(command), "api originate {originate_timeout=1}%s &park()", argv[5]);
    esl_send_recv(&handle, command);
    if (!strncmp(handle.last_sr_event->body, "-ERR ", 5)) {
        printf("originate: %s", handle.last_sr_event->body + 5);
    }

    esl_events(&handle, ESL_EVENT_TYPE_PLAIN, "CHANNEL_EXECUTE_COMPLETE");
    snprintf(command, sizeof(command), "api originate {originate_timeout=1,continue_on_fail=true}%s &park()", argv[4]);
    esl_send_recv(&handle, command);
    if (!strncmp(handle.last_sr_event->body, "+OK ", 4)) {
        char uuid[64];
        esl_event_t *event;

        sscanf(handle.last_sr_event->body + 4, "%63s", uuid);
        snprintf(command, sizeof(command), "{originate_timeout=1}%s", argv[5]);
        esl_execute(&handle, "bridge", command, uuid);
        do {
            if (esl_recv_event(&handle, 1, NULL) != ESL_SUCCESS) return 1;
            event = handle.last_ievent;
        } while (!event || strcmp(esl_event_get_header(event, "Application"), "bridge"));
        printf("bridge: %s\n", esl_event_get_header(event, "variable_originate_disposition"));
        snprintf(command, sizeof(command), "api uuid_exists %s", uuid);
        esl_send_recv(&handle, command);
        if (!strcmp(handle.last_sr_event->body, "true")) {
            printf("the first leg is still up\n");
        }
        snprintf(command, sizeof(command), "api uuid_kill %s", uuid);
        esl_send_recv(&handle, command);
    }
    esl_disconnect(&handle);
    return 0;
}
