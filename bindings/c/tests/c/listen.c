/* Where esl_listen listens: prints the address, then what was logged. Argument: the host. */
#include <arpa/inet.h>
#include <pthread.h>

#include "esl.h"

static const char *host;
static esl_socket_t server = ESL_SOCK_INVALID;
static int result = -1;

static void logger(const char *file, const char *func, int line, int level, const char *fmt, ...)
{
    va_list ap;

    (void)file, (void)line;
    if (level == ESL_LOG_LEVEL_WARNING) {
        printf("warning of %s: ", func);
        va_start(ap, fmt);
        vprintf(fmt, ap);
        va_end(ap);
    }
}

static void called(esl_socket_t server_sock, esl_socket_t client_sock, struct sockaddr_in *addr, void *user_data)
{
    struct sockaddr_in name;
    socklen_t size = sizeof name;

    (void)addr, (void)user_data;
    if (getsockname(server_sock, (struct sockaddr *)&name, &size) == 0) {
        printf("%s\n", inet_ntoa(name.sin_addr));
    }
    close(client_sock);
    shutdown(server_sock, SHUT_RDWR);
}

static void *dial(void *unused)
{
    struct sockaddr_in name;
    socklen_t size = sizeof name;
    int client = socket(AF_INET, SOCK_STREAM, 0);

    (void)unused;
    /* The server's socket is there once it listens. */
    while (__atomic_load_n(&server, __ATOMIC_ACQUIRE) == ESL_SOCK_INVALID) {
        usleep(1000);
    }
    getsockname(server, (struct sockaddr *)&name, &size);
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(client, (struct sockaddr *)&name, sizeof name) < 0) {
        perror("connect");
        exit(3);
    }
    close(client);
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t thread;

    host = argc > 1 ? argv[1] : NULL;
    esl_global_set_logger(logger);
    pthread_create(&thread, NULL, dial, NULL);
    result = esl_listen(host, 0, called, NULL, &server);
    pthread_join(thread, NULL);
    printf("ended %d\n", result);
    return 0;
}
