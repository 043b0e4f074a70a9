/* A login seen by a logger. Arguments: port, password. */
#include "esl.h"

static void logger(const char *file, const char *func, int line, int level, const char *fmt, ...)
{
    va_list ap;

    printf("<%d %s %s %d> ", level, file, func, line >= 0);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
}

int main(int argc, char **argv)
{
    static esl_handle_t handle;

    if (argc < 3) {
        return 2;
    }
    esl_global_set_logger(logger);
    esl_connect(&handle, "127.0.0.1", (esl_port_t)atoi(argv[1]), NULL, argv[2]);
    esl_send_recv(&handle, "api eval x");
    esl_disconnect(&handle);
    esl_connect(&handle, "127.0.0.1", (esl_port_t)atoi(argv[1]), "1000@default", argv[2]);
    esl_disconnect(&handle);
    esl_global_set_default_logger(6);
    esl_connect(&handle, "127.0.0.1", (esl_port_t)atoi(argv[1]), NULL, argv[2]);
    esl_disconnect(&handle);
    return 0;
}
