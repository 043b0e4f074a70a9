/* Writes a record of each call: HOST PORT PASSWORD FILE [HOW MANY]. */
#include <esl.h>

static const char *const FIELDS[] = { "Caller-Destination-Number", "variable_start_stamp", "variable_duration",
                                      "variable_billsec", "Hangup-Cause" };

static void print(FILE *to, esl_event_t *event)
{
    size_t i;

    for (i = 0; i < sizeof(FIELDS) / sizeof(*FIELDS); i++) {
        const char *value = esl_event_get_header(event, FIELDS[i]);

        fprintf(to, "%s%s", i ? "," : "", value ? value : "");
    }
    fprintf(to, "\n");
    fflush(to);
}

int main(int argc, char **argv)
{
    esl_handle_t handle = { { 0 } };
    int left = argc > 5 ? atoi(argv[5]) : -1;
    FILE *file;

    if (argc < 5 || esl_connect(&handle, argv[1], (esl_port_t) atoi(argv[2]), NULL, argv[3]) != ESL_SUCCESS) {
        return 1;
    }
    if (!(file = fopen(argv[4], "a"))) {
        return 1;
    }
    esl_events(&handle, ESL_EVENT_TYPE_PLAIN, "CHANNEL_HANGUP_COMPLETE");
    while (left && esl_recv_event(&handle, 1, NULL) == ESL_SUCCESS) {
        if (handle.last_ievent) {
            print(file, handle.last_ievent);
            print(stdout, handle.last_ievent);
            left--;
        }
    }
    fclose(file);
    esl_disconnect(&handle);
    return 0;
}
