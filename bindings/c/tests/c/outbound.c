/* The classic servers: answer each call and end. Arguments: plain, fork or threads; how many calls. Prints its port. */
#include "esl.h"

#include <errno.h>
#include <pthread.h>
#include <sys/wait.h>

static int calls, wanted;
static esl_socket_t server = ESL_SOCK_INVALID;
static esl_mutex_t *lock;
static const char *mode;
static pthread_t teller;
static int telling;

static void say(const char *what, const char *uuid)
{
    char line[200];

    snprintf(line, sizeof(line), "%s %s\n", what, uuid ? uuid : "?");
    if (write(1, line, strlen(line)) < 0) {
        _exit(3);
    }
}

static void serve(esl_socket_t client_sock, struct sockaddr_in *addr)
{
    esl_handle_t *handle = calloc(1, sizeof(*handle));
    const char *uuid;

    if (!handle) {
        return;
    }
    if (esl_attach_handle(handle, client_sock, addr) != ESL_SUCCESS) {
        say("no channel data", handle->err);
        free(handle);
        return;
    }
    uuid = esl_event_get_header(handle->info_event, "unique-id");
    say("call", uuid);
    esl_send_recv(handle, "myevents");
    esl_execute(handle, "answer", NULL, NULL);
    say(handle->last_sr_reply, uuid);
    esl_execute(handle, "set", "first=one\nsecond line", uuid);
    esl_execute(handle, "playback", "/tmp/hello.wav", NULL);
    while (esl_recv_event_timed(handle, 20000, 1, NULL) == ESL_SUCCESS) {
        if (handle->last_ievent && handle->last_ievent->event_id == ESL_EVENT_CHANNEL_EXECUTE_COMPLETE) {
            const char *app = esl_event_get_header(handle->last_ievent, "Application");
            if (app && !strcmp(app, "playback")) {
                say("played", esl_event_get_header(handle->last_ievent, "Unique-ID"));
                break;
            }
        }
    }
    esl_execute(handle, "hangup", NULL, NULL);
    esl_disconnect(handle);
    free(handle);
}

static void count(void)
{
    esl_mutex_lock(lock);
    if (++calls == wanted) {
        shutdown(server, SHUT_RDWR);
    }
    esl_mutex_unlock(lock);
}

static void answer(esl_socket_t server_sock, esl_socket_t client_sock, struct sockaddr_in *addr, void *user_data)
{
    if (user_data != &server) {
        exit(4);
    }
    server = server_sock;
    if (!strcmp(mode, "fork")) {
        int status = 0;
        pid_t child;
        /* In the child a thread that is still ending would be gone, and what it holds lost. */
        if (telling) {
            pthread_join(teller, NULL);
            telling = 0;
        }
        child = fork();
        if (child == 0) {
            close(server_sock);
            serve(client_sock, addr);
            _exit(0);
        }
        close(client_sock);
        while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
        }
        if (status) {
            exit(5);
        }
    } else {
        serve(client_sock, addr);
    }
    count();
}

/* esl_listen sets its socket before it calls back; a thread prints the port as soon as it is set. */
static void *tell(esl_thread_t *thread, void *data)
{
    esl_socket_t *socket = data;
    struct sockaddr_in addr;
    socklen_t size = sizeof(addr);
    char line[40];

    (void)thread;
    while (*(volatile esl_socket_t *)socket == ESL_SOCK_INVALID) {
        usleep(1000);
    }
    if (getsockname(*socket, (struct sockaddr *)&addr, &size) == 0) {
        snprintf(line, sizeof(line), "port %d\n", ntohs(addr.sin_port));
        if (write(1, line, strlen(line)) < 0) {
            _exit(3);
        }
    }
    return NULL;
}

static void *tell_joinable(void *data)
{
    return tell(NULL, data);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        return 2;
    }
    mode = argv[1];
    wanted = atoi(argv[2]);
    esl_mutex_create(&lock);
    if (!strcmp(mode, "threads")) {
        printf("port %s\n", argv[3]);
        fflush(stdout);
        esl_listen_threaded("127.0.0.1", (esl_port_t)atoi(argv[3]), answer, &server, 10);
    } else {
        if (!strcmp(mode, "fork")) {
            telling = pthread_create(&teller, NULL, tell_joinable, &server) == 0;
        } else {
            esl_thread_create_detached(tell, &server);
        }
        esl_listen("127.0.0.1", 0, answer, &server, &server);
    }
    usleep(100000);
    esl_mutex_destroy(&lock);
    puts("done");
    return 0;
}
