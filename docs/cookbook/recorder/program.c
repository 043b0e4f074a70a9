/* Records every call that is answered: HOST PORT PASSWORD FOLDER [HOW MANY]. */
#include <esl.h>

int main(int argc, char **argv)
{
    esl_handle_t handle = { { 0 } };
    int left = argc > 5 ? atoi(argv[5]) : -1;

    if (argc < 5 || esl_connect(&handle, argv[1], (esl_port_t) atoi(argv[2]), NULL, argv[3]) != ESL_SUCCESS) {
        return 1;
    }
    esl_events(&handle, ESL_EVENT_TYPE_PLAIN, "CHANNEL_ANSWER RECORD_STOP");
    while (left && esl_recv_event(&handle, 1, NULL) == ESL_SUCCESS) {
        esl_event_t *event = handle.last_ievent;

        if (!event) continue;
        if (event->event_id == ESL_EVENT_CHANNEL_ANSWER) {
            const char *uuid = esl_event_get_header(event, "Unique-ID");
            char command[1024];

            printf("recording %s\n", uuid);
            snprintf(command, sizeof(command), "bgapi uuid_record %s start %s/%s.wav 3600", uuid, argv[4], uuid);
            esl_send_recv(&handle, command);
        } else {
            printf("complete: %s\n", esl_event_get_header(event, "Record-File-Path"));
            left--;
        }
        fflush(stdout);
    }
    esl_disconnect(&handle);
    return 0;
}
