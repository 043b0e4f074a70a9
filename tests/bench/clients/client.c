/* The C API: esl_recv_event and last_ievent. Built against ours and against the original. */
#include "esl.h"

#include "turn.h"

static void receive(struct turn *turn, esl_handle_t *handle)
{
    int left = turn->count;

    while (left > 0) {
        turn_must(esl_recv_event(handle, 1, NULL) == ESL_SUCCESS, "esl_recv_event");
        if (handle->last_ievent) {
            esl_event_t *event = handle->last_ievent;
            left--;
            if (turn->is_stamped) {
                turn_stamp(turn, esl_event_get_header(event, STAMP));
                continue;
            }
            turn_add(turn, esl_event_get_header(event, "Event-Name"), esl_event_get_header(event, "Unique-ID"),
                     esl_event_get_header(event, "Channel-State"), esl_event_get_body(event));
        }
    }
}

int main(int argc, char **argv)
{
    struct turn turn;
    esl_handle_t *handles;
    char command[40];
    int connections, i;

    turn_read(&turn, argc, argv);
    if (argc > 6) {
        esl_global_set_default_logger(0);
    }
    connections = turn_connections(&turn);
    handles = (esl_handle_t *)calloc((size_t)connections, sizeof(*handles));
    snprintf(command, sizeof(command), "event %s ALL", turn.format);
    for (i = 0; i < connections; i++) {
        turn_must(esl_connect(&handles[i], "127.0.0.1", (esl_port_t)turn.port, NULL, "ClueCon") == ESL_SUCCESS,
                  "esl_connect");
        if (!turn_is(&turn, "idle") && !turn_is(&turn, "serial")) {
            turn_must(esl_send_recv(&handles[i], command) == ESL_SUCCESS, command);
        }
    }
    turn_start(&turn, turn_resident(handles, (size_t)connections * sizeof(*handles)));
    if (turn_is(&turn, "serial")) {
        for (i = 0; i < turn.count; i++) {
            turn_must(esl_send_recv(handles, "api x") == ESL_SUCCESS, "api x");
            turn_must(handles->last_sr_event && strcmp(handles->last_sr_event->body, "+OK") == 0, "+OK");
            turn.events++;
        }
    } else if (turn_is(&turn, "flood")) {
        for (i = 0; i < connections; i++) {
            turn_must(esl_send_recv(&handles[i], turn.stream) == ESL_SUCCESS, turn.stream);
        }
        usleep(200000);
        for (i = 0; i < connections; i++) {
            receive(&turn, &handles[i]);
        }
    } else if (!turn_is(&turn, "idle")) {
        turn_must(esl_send_recv(handles, turn.stream) == ESL_SUCCESS, turn.stream);
        receive(&turn, handles);
    }
    turn_stop(&turn);
    for (i = 0; i < connections; i++) {
        esl_disconnect(&handles[i]);
    }
    free(handles);
    return 0;
}
