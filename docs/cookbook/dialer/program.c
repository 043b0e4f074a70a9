/* Dials a list of numbers, so many at once: HOST PORT PASSWORD AT_ONCE NUMBER ... */
#include <esl.h>

/* The answered leg plays a second's silence and hangs up. */
static void dial(esl_handle_t *handle, const char *number)
{
    char command[512];

    snprintf(command, sizeof(command), "bgapi originate {originate_timeout=20}%s &playback(silence_stream://50)", number);
    esl_send_recv(handle, command);
}

int main(int argc, char **argv)
{
    esl_handle_t handle = { { 0 } };
    int next = 5, under_way = 0, answered = 0, most;

    if (argc < 5 || esl_connect(&handle, argv[1], (esl_port_t) atoi(argv[2]), NULL, argv[3]) != ESL_SUCCESS) {
        return 1;
    }
    most = atoi(argv[4]);
    esl_events(&handle, ESL_EVENT_TYPE_PLAIN, "BACKGROUND_JOB");
    while (next < argc || under_way) {
        for (; next < argc && under_way < most; under_way++) {
            dial(&handle, argv[next++]);
        }
        if (esl_recv_event(&handle, 1, NULL) != ESL_SUCCESS) {
            return 1;
        }
        /* The job ends when the leg is answered, or fails with its cause. */
        if (handle.last_ievent && handle.last_ievent->event_id == ESL_EVENT_BACKGROUND_JOB) {
            answered += !strncmp(handle.last_ievent->body, "+OK", 3);
            printf("%s", handle.last_ievent->body);
            under_way--;
        }
    }
    printf("%d numbers, %d answered\n", argc - 5, answered);
    esl_disconnect(&handle);
    return 0;
}
