/* One thread receives while others send on the same handle. Arguments: port, password. */
#include "esl.h"

#include <pthread.h>

enum { SENDERS = 4, COMMANDS = 50 };

static esl_handle_t handle;
static int wrong, received;
static volatile int stop;

static void *sender(void *data)
{
    int number = *(int *)data, i;

    for (i = 0; i < COMMANDS; i++) {
        char command[100], expected[60];

        snprintf(expected, sizeof(expected), "answer-%d-%d", number, i);
        snprintf(command, sizeof(command), "api eval %s", expected);
        /* The mutex is recursive: held from the command to the reading of its reply. */
        esl_mutex_lock(handle.mutex);
        if (esl_send_recv(&handle, command) != ESL_SUCCESS || !handle.last_sr_event ||
            !handle.last_sr_event->body || strcmp(handle.last_sr_event->body, expected)) {
            wrong++;
        }
        if (i % 10 == 0) {
            esl_send_recv(&handle, "sendevent CUSTOM\nEvent-Subclass: test::load\n\n");
        }
        esl_mutex_unlock(handle.mutex);
    }
    return NULL;
}

static void *receiver(void *data)
{
    (void)data;
    while (!stop) {
        esl_status_t status = esl_recv_event_timed(&handle, 20, 1, NULL);
        if (status == ESL_FAIL) {
            break;
        }
        if (status == ESL_SUCCESS && handle.last_ievent) {
            const char *subclass = esl_event_get_header(handle.last_ievent, "Event-Subclass");
            received += subclass && !strcmp(subclass, "test::load");
        }
    }
    return NULL;
}

static void *waiter(void *data)
{
    *(esl_status_t *)data = esl_recv_event(&handle, 1, NULL);
    return NULL;
}

int main(int argc, char **argv)
{
    esl_status_t ended = ESL_SUCCESS;
    pthread_t threads[SENDERS], reader;
    int numbers[SENDERS], i;

    if (argc < 3 || esl_connect(&handle, "127.0.0.1", (esl_port_t)atoi(argv[1]), NULL, argv[2]) != ESL_SUCCESS) {
        return 2;
    }
    esl_events(&handle, ESL_EVENT_TYPE_PLAIN, "CUSTOM test::load");
    pthread_create(&reader, NULL, receiver, NULL);
    for (i = 0; i < SENDERS; i++) {
        numbers[i] = i;
        pthread_create(&threads[i], NULL, sender, &numbers[i]);
    }
    for (i = 0; i < SENDERS; i++) {
        pthread_join(threads[i], NULL);
    }
    for (i = 0; i < 500 && received < SENDERS * COMMANDS / 10; i++) {
        usleep(10000);
    }
    stop = 1;
    pthread_join(reader, NULL);
    printf("wrong %d received %d\n", wrong, received);
    /* A receiver that waits without limit is freed by a disconnect. */
    pthread_create(&reader, NULL, waiter, &ended);
    usleep(50000);
    if (esl_disconnect(&handle) != ESL_SUCCESS || pthread_join(reader, NULL) || ended != ESL_FAIL) {
        return 3;
    }
    return wrong || received != SENDERS * COMMANDS / 10;
}
