/* CPU per received event: reads a recording over and over from a socket. Arguments: file, passes, `quiet` or not.
   Prints the events received, the microseconds of CPU of the receiving thread per event, and a sum over what was read.
   Links with any libesl. */
#include "esl.h"

#include <pthread.h>

static char *data;
static long size;
static int passes, ends[2];

static void *writer(void *unused)
{
    int i;

    (void)unused;
    for (i = 0; i < passes; i++) {
        long sent = 0;
        while (sent < size) {
            ssize_t n = write(ends[1], data + sent, (size_t)(size - sent));
            if (n <= 0) {
                return NULL;
            }
            sent += n;
        }
    }
    shutdown(ends[1], SHUT_WR);
    return NULL;
}

static long read_one(esl_event_t *event, const char *name)
{
    const char *value = esl_event_get_header(event, name);
    return value ? (long)strlen(value) : 0;
}

int main(int argc, char **argv)
{
    static esl_handle_t handle;
    struct timespec from, to;
    pthread_t thread;
    long events = 0, sum = 0;
    double cpu;
    FILE *file;

    if (argc < 3 || !(file = fopen(argv[1], "rb"))) {
        return 2;
    }
    passes = atoi(argv[2]);
    if (argc > 3) {
        esl_global_set_default_logger(0);
    }
    fseek(file, 0, SEEK_END);
    size = ftell(file);
    rewind(file);
    data = malloc((size_t)size);
    if (!data || fread(data, 1, (size_t)size, file) != (size_t)size || socketpair(AF_UNIX, SOCK_STREAM, 0, ends)) {
        return 3;
    }
    fclose(file);
    handle.sock = ends[0];
    handle.connected = 1;
    esl_mutex_create(&handle.mutex);
    esl_buffer_create(&handle.packet_buf, BUF_CHUNK, BUF_START, 0);
    pthread_create(&thread, NULL, writer, NULL);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    while (esl_recv_event(&handle, 0, NULL) == ESL_SUCCESS) {
        if (handle.last_ievent) {
            events++;
            sum += read_one(handle.last_ievent, "Event-Name") + read_one(handle.last_ievent, "Unique-ID") +
                   read_one(handle.last_ievent, "Channel-State");
        }
    }
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    pthread_join(thread, NULL);
    cpu = (double)(to.tv_sec - from.tv_sec) * 1e6 + (double)(to.tv_nsec - from.tv_nsec) / 1e3;
    printf("%ld %.3f %ld\n", events, events ? cpu / (double)events : 0.0, sum);
    esl_disconnect(&handle);
    close(ends[1]);
    free(data);
    return 0;
}
