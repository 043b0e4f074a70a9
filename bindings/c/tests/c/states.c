/* What the handle's fields hold after a login, a refused one, and at a disconnect notice. Links with any libesl.
   Arguments: the port of a simulator, its password. */
#include "esl.h"

static esl_handle_t handle;

static void show(const char *when, int status, esl_event_t *saved)
{
    const char *type = handle.last_event ? esl_event_get_header(handle.last_event, "content-type") : NULL;
    const char *put_aside = handle.race_event ? esl_event_get_header(handle.race_event, "content-type") : NULL;

    printf("%s: %d connected %d last_event %s reply \"%s\" sr_event %d sr_reply \"%s\" ievent %d aside %s\n", when, status,
           handle.connected, type ? type : "none", handle.last_reply, handle.last_sr_event != NULL,
           handle.last_sr_reply, handle.last_ievent != NULL, put_aside ? put_aside : "none");
    if (saved) {
        printf("  saved %s body %s\n", esl_event_get_header(saved, "content-type"), saved->body ? saved->body : "none");
    } else if (handle.last_event && handle.last_event->body) {
        printf("  body %s\n", handle.last_event->body);
    }
}

int main(int argc, char **argv)
{
    esl_event_t *saved = NULL;
    esl_port_t port;
    int status;

    if (argc < 3) {
        return 2;
    }
    port = (esl_port_t)atoi(argv[1]);

    show("refused", esl_connect(&handle, "127.0.0.1", port, NULL, "wrong"), NULL);
    esl_disconnect(&handle);
    memset(&handle, 0, sizeof handle);
    show("login", esl_connect(&handle, "127.0.0.1", port, NULL, argv[2]), NULL);
    show("api", esl_send_recv(&handle, "api eval x\n\n"), NULL);
    show("exit", esl_send_recv(&handle, "exit\n\n"), NULL);
    show("notice", esl_recv_event(&handle, 0, NULL), NULL);
    show("after", esl_recv_event(&handle, 0, NULL), NULL);
    esl_disconnect(&handle);

    memset(&handle, 0, sizeof handle);
    esl_connect(&handle, "127.0.0.1", port, NULL, argv[2]);
    esl_send_recv(&handle, "exit\n\n");
    status = esl_recv_event(&handle, 0, &saved);
    show("saved notice", status, saved);
    esl_event_destroy(&saved);
    show("after", esl_recv_event(&handle, 0, &saved), NULL);
    esl_disconnect(&handle);

    memset(&handle, 0, sizeof handle);
    esl_connect(&handle, "127.0.0.1", port, NULL, argv[2]);
    esl_send(&handle, "exit\n\n");
    esl_recv_event(&handle, 0, NULL);
    show("notice put aside", esl_send_recv(&handle, "api eval x\n\n"), NULL);
    esl_disconnect(&handle);
    return 0;
}
