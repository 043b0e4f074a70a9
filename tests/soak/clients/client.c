/* The C worker: esl_handle_t and its functions. The rules are in ../src/main.rs. */
#include "esl.h"

#include <stdatomic.h>

#define PATIENCE 30000

static esl_socket_t server = ESL_SOCK_INVALID;
static atomic_ulong served;
static unsigned long called;

/* What one connection came to. */
struct count {
    unsigned long events, wrong, apis, jobs, lates, jobs_asked;
};

/* A call: answer, play, hang up. */
static void serve(esl_socket_t server_sock, esl_socket_t client_sock, struct sockaddr_in *addr, void *user_data)
{
    static esl_handle_t call;
    int played = 0;

    (void)server_sock;
    (void)user_data;
    memset(&call, 0, sizeof(call));
    if (esl_attach_handle(&call, client_sock, addr) != ESL_SUCCESS) {
        return;
    }
    esl_send_recv(&call, "myevents");
    esl_execute(&call, "answer", NULL, NULL);
    esl_execute(&call, "playback", "greeting.wav", NULL);
    while (!played && esl_recv_event_timed(&call, PATIENCE, 1, NULL) == ESL_SUCCESS) {
        esl_event_t *event = call.last_ievent;
        const char *app = event ? esl_event_get_header(event, "Application") : NULL;
        played = event && event->event_id == ESL_EVENT_CHANNEL_EXECUTE_COMPLETE && app && !strcmp(app, "playback");
    }
    esl_execute(&call, "hangup", NULL, NULL);
    esl_disconnect(&call);
    served += played ? 1 : 0;
}

static void *listener(esl_thread_t *thread, void *data)
{
    (void)thread;
    (void)data;
    esl_listen("127.0.0.1", 0, serve, NULL, &server);
    return NULL;
}

static unsigned port_of_listener(void)
{
    struct sockaddr_in addr;
    socklen_t size = sizeof(addr);

    while (*(volatile esl_socket_t *)&server == ESL_SOCK_INVALID) {
        usleep(1000);
    }
    memset(&addr, 0, sizeof(addr));
    getsockname(server, (struct sockaddr *)&addr, &size);
    return ntohs(addr.sin_port);
}

static void check(esl_event_t *event, struct count *count)
{
    char number[32], text[64];
    const char *given = esl_event_get_header(event, "Soak-Number");
    const char *told = esl_event_get_header(event, "Soak-Text");
    const char *length = esl_event_get_header(event, "Soak-Length");

    count->events++;
    snprintf(number, sizeof(number), "%lu", count->events);
    snprintf(text, sizeof(text), "%lu: 50%% \xc3\xbc" "ber & more", count->events);
    if (!given || strcmp(given, number) || !told || strcmp(told, text) ||
        (event->body ? strlen(event->body) : 0) != (length ? strtoul(length, NULL, 10) : 0)) {
        count->wrong++;
    }
}

/* Receives one event; 0 when the connection is over. */
static int receive(esl_handle_t *handle, unsigned port, struct count *count);

/* Sends; the body of the reply is compared with `expected` when that is not NULL. */
static int ask(esl_handle_t *handle, const char *command, const char *expected, struct count *count)
{
    if (esl_send_recv(handle, command) != ESL_SUCCESS || !handle->last_sr_event) {
        return 0;
    }
    if (expected && (!handle->last_sr_event->body || strcmp(handle->last_sr_event->body, expected))) {
        count->wrong++;
    }
    return 1;
}

static void obey(esl_handle_t *handle, const char *task, unsigned port, struct count *count)
{
    char command[200], text[64];
    int at;

    if (!strcmp(task, "api")) {
        for (at = 0; at < 3; at++) {
            snprintf(text, sizeof(text), "%lu-%d", count->events, at);
            snprintf(command, sizeof(command), "api echo %s", text);
            if (!ask(handle, command, text, count)) {
                return;
            }
            count->apis++;
        }
    } else if (!strcmp(task, "job")) {
        snprintf(command, sizeof(command), "bgapi echo soak-%lu", count->events);
        count->jobs_asked += ask(handle, command, NULL, count) ? 1 : 0;
    } else if (!strcmp(task, "late")) {
        count->lates += esl_send_recv_timed(handle, "api msleep 500", 50) == ESL_BREAK ? 1 : 0;
    } else if (!strcmp(task, "call")) {
        snprintf(command, sizeof(command), "bgapi originate null/soak '&socket(127.0.0.1:%u async full)'", port);
        called += ask(handle, command, NULL, count) ? 1 : 0;
    } else if (!strcmp(task, "mark")) {
        unsigned long patience = PATIENCE;
        while (count->jobs < count->jobs_asked && receive(handle, port, count)) {
        }
        while (served < called && patience--) {
            usleep(1000);
        }
        printf("mark %lu %lu %lu %lu %lu %lu\n", count->events, count->wrong, count->apis, count->jobs, count->lates,
               (unsigned long)served);
    }
}

static int receive(esl_handle_t *handle, unsigned port, struct count *count)
{
    esl_event_t *event;
    char task[16];

    if (esl_recv_event(handle, 1, NULL) != ESL_SUCCESS) {
        return 0;
    }
    event = handle->last_ievent;
    if (!event) {
        return 1;
    }
    if (event->event_id == ESL_EVENT_BACKGROUND_JOB) {
        count->jobs += event->body && !strncmp(event->body, "soak-", 5) ? 1 : 0;
    } else if (event->event_id == ESL_EVENT_CUSTOM) {
        const char *told = esl_event_get_header(event, "Soak-Do");
        esl_copy_string(task, told ? told : "", sizeof(task));
        check(event, count);
        obey(handle, task, port, count);
    }
    return 1;
}

static void live(unsigned to, unsigned patience, unsigned port)
{
    static esl_handle_t handle;
    struct count count = { 0, 0, 0, 0, 0, 0 };

    memset(&handle, 0, sizeof(handle));
    if (esl_connect_timeout(&handle, "127.0.0.1", (esl_port_t)to, NULL, "ClueCon", patience) != ESL_SUCCESS ||
        esl_events(&handle, ESL_EVENT_TYPE_PLAIN, "BACKGROUND_JOB CUSTOM soak::event") != ESL_SUCCESS) {
        printf("refused %s\n", handle.err);
        esl_disconnect(&handle);
        return;
    }
    puts("ready");
    while (receive(&handle, port, &count)) {
    }
    esl_disconnect(&handle);
    printf("end %lu %lu\n", count.events, count.wrong);
}

int main(void)
{
    char line[80];
    unsigned port;

    setvbuf(stdout, NULL, _IOLBF, 0);
    esl_thread_create_detached(listener, NULL);
    port = port_of_listener();
    while (fgets(line, sizeof(line), stdin) && !strncmp(line, "connect ", 8)) {
        char *rest;
        unsigned to = (unsigned)strtoul(line + 8, &rest, 10);
        live(to, (unsigned)strtoul(rest, NULL, 10), port);
    }
    shutdown(server, SHUT_RDWR);
    return 0;
}
