/* Prints log lines of a level and worse: HOST PORT PASSWORD LEVEL [HOW MANY]. */
#include <esl.h>

static const char *const NAMES[] = { "CONSOLE", "ALERT", "CRIT", "ERR", "WARNING", "NOTICE", "INFO", "DEBUG" };

int main(int argc, char **argv)
{
    esl_handle_t handle = { { 0 } };
    int left = argc > 5 ? atoi(argv[5]) : -1;
    char command[32];

    if (argc < 5 || esl_connect(&handle, argv[1], (esl_port_t) atoi(argv[2]), NULL, argv[3]) != ESL_SUCCESS) {
        return 1;
    }
    snprintf(command, sizeof(command), "log %d", atoi(argv[4]));
    esl_send_recv(&handle, command);
    while (left && esl_recv_event(&handle, 1, NULL) == ESL_SUCCESS) {
        esl_event_t *line = handle.last_event;
        const char *type = line ? esl_event_get_header(line, "Content-Type") : NULL;

        if (type && !strcmp(type, "log/data")) {
            const char *level = esl_event_get_header(line, "Log-Level");

            printf("%s %s:%s %s", NAMES[atoi(level) & 7], esl_event_get_header(line, "Log-File"),
                   esl_event_get_header(line, "Log-Line"), line->body);
            fflush(stdout);
            left--;
        }
    }
    esl_disconnect(&handle);
    return 0;
}
