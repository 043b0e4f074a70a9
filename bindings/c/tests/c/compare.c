/* Receives what a file holds and prints all that a program can see of it. Links with any libesl. Arguments:
   the file; "trace" to have all of it logged. */
#include "esl.h"

#include <pthread.h>

static char *data;
static long size;
static int ends[2];

static void *writer(void *unused)
{
    long sent = 0;

    (void)unused;
    while (sent < size) {
        ssize_t n = write(ends[1], data + sent, (size_t)(size - sent));
        if (n <= 0) {
            break;
        }
        sent += n;
    }
    shutdown(ends[1], SHUT_WR);
    return NULL;
}

static void show(const char *what, esl_event_t *event)
{
    esl_event_header_t *hp;
    esl_event_t *copy = NULL;
    char *text = NULL;
    int i;

    if (!event) {
        printf("%s none\n", what);
        return;
    }
    printf("%s %s\n", what, esl_event_name(event->event_id));
    for (hp = event->headers; hp; hp = hp->next) {
        printf("  %s = %s\n", hp->name, hp->value);
        for (i = 0; i < hp->idx; i++) {
            printf("    [%d] %s\n", i, hp->array[i]);
        }
    }
    printf("  body %s\n", event->body ? event->body : "none");
    if (esl_event_serialize(event, &text, ESL_FALSE) == ESL_SUCCESS) {
        printf("%s\n", text);
        free(text);
    }
    if (esl_event_serialize_json(event, &text) == ESL_SUCCESS) {
        printf("%s\n", text);
        free(text);
    }
    if (esl_event_dup(&copy, event) == ESL_SUCCESS) {
        if (esl_event_serialize(copy, &text, ESL_FALSE) == ESL_SUCCESS) {
            printf("%s\n", text);
            free(text);
        }
        esl_event_destroy(&copy);
    }
}

int main(int argc, char **argv)
{
    static esl_handle_t handle;
    pthread_t thread;
    esl_status_t status;
    FILE *file;

    if (argc < 2 || !(file = fopen(argv[1], "rb"))) {
        return 2;
    }
    fseek(file, 0, SEEK_END);
    size = ftell(file);
    rewind(file);
    data = malloc((size_t)size + 1);
    if (!data || fread(data, 1, (size_t)size, file) != (size_t)size || socketpair(AF_UNIX, SOCK_STREAM, 0, ends)) {
        return 3;
    }
    fclose(file);
    handle.sock = ends[0];
    handle.connected = 1;
    esl_mutex_create(&handle.mutex);
    esl_buffer_create(&handle.packet_buf, BUF_CHUNK, BUF_START, 0);
    esl_global_set_default_logger(argc > 2 ? 7 : 6);
    pthread_create(&thread, NULL, writer, NULL);
    while ((status = esl_recv_event(&handle, 0, NULL)) == ESL_SUCCESS) {
        printf("reply \"%s\"\n", handle.last_reply);
        show("message", handle.last_event);
        show("event", handle.last_ievent);
    }
    printf("end %d connected %d\n", (int)status, handle.connected);
    close(ends[0]);
    handle.sock = ESL_SOCK_INVALID;
    pthread_join(thread, NULL);
    free(data);
    return 0;
}
