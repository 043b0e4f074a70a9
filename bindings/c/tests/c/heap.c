/* What an idle handle holds on the heap after it has received a recording, its last events included. Argument: the file. */
#include "esl.h"

#include <malloc.h>
#include <pthread.h>

enum { HANDLES = 20 };

static char *data;
static long size;

static void *writer(void *socket)
{
    long sent = 0;

    while (sent < size) {
        ssize_t n = write(*(int *)socket, data + sent, (size_t)(size - sent));
        if (n <= 0) {
            break;
        }
        sent += n;
    }
    return NULL;
}

int main(int argc, char **argv)
{
    static esl_handle_t handles[HANDLES];
    size_t before, after;
    int i, ends[HANDLES][2];
    FILE *file;

    if (argc < 2 || !(file = fopen(argv[1], "rb"))) {
        return 2;
    }
    fseek(file, 0, SEEK_END);
    size = ftell(file);
    rewind(file);
    data = malloc((size_t)size);
    if (!data || fread(data, 1, (size_t)size, file) != (size_t)size) {
        return 3;
    }
    fclose(file);
    before = mallinfo2().uordblks + mallinfo2().hblkhd;
    for (i = 0; i < HANDLES; i++) {
        pthread_t thread;
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends[i])) {
            return 4;
        }
        handles[i].sock = ends[i][0];
        handles[i].connected = 1;
        esl_mutex_create(&handles[i].mutex);
        esl_buffer_create(&handles[i].packet_buf, BUF_CHUNK, BUF_START, 0);
        pthread_create(&thread, NULL, writer, &ends[i][1]);
        while (esl_recv_event_timed(&handles[i], 100, 1, NULL) == ESL_SUCCESS) {
        }
        pthread_join(thread, NULL);
    }
    after = mallinfo2().uordblks + mallinfo2().hblkhd;
    printf("%lu\n", (unsigned long)((after - before) / HANDLES));
    for (i = 0; i < HANDLES; i++) {
        esl_disconnect(&handles[i]);
        close(ends[i][1]);
    }
    free(data);
    return 0;
}
