/* The classic client: logs in, sends commands, subscribes, receives. Arguments: port, password. */
#include <errno.h>

#include "esl.h"

#define CHECK(condition)                                                    \
    do {                                                                    \
        if (!(condition)) {                                                 \
            fprintf(stderr, "%d: %s; err \"%s\"\n", __LINE__, #condition, handle.err); \
            return 1;                                                       \
        }                                                                   \
    } while (0)

static esl_handle_t handle;

int main(int argc, char **argv)
{
    esl_event_t *stolen = NULL, *event = NULL;
    esl_port_t port;
    char *text = NULL;
    int found = 0, i;

    if (argc < 3) {
        return 2;
    }
    port = (esl_port_t)atoi(argv[1]);

    /* A wrong password, a line break in one, and a port without a listener. */
    CHECK(esl_connect(&handle, "127.0.0.1", port, NULL, "wrong") == ESL_FAIL);
    CHECK(!strcmp(handle.err, "Authentication Error") && !handle.connected);
    CHECK(!strncmp(handle.last_reply, "-ERR", 4) && handle.last_event);
    CHECK(esl_disconnect(&handle) == ESL_SUCCESS && !handle.last_event);
    CHECK(esl_connect(&handle, "127.0.0.1", port, NULL, "wrong") == ESL_FAIL);
    CHECK(esl_connect(&handle, "127.0.0.1", port, NULL, "a\n\nexit") == ESL_FAIL);
    CHECK(esl_stristr("line break", handle.err) && handle.errnum == EINVAL);
    CHECK(esl_connect_timeout(&handle, "127.0.0.1", 1, NULL, "x", 500) == ESL_FAIL);
    CHECK(!strcmp(handle.err, "Socket Connection Error") && handle.errnum);
    CHECK(esl_connect_timeout(&handle, "no.such.host.invalid", 1, NULL, "x", 500) == ESL_FAIL);
    CHECK(!strcmp(handle.err, "Cannot resolve host"));

    CHECK(esl_connect_timeout(&handle, "127.0.0.1", port, "", argv[2], 5000) == ESL_SUCCESS);
    CHECK(handle.connected == 1 && handle.sock > 0 && !handle.destroyed);
    /* The reply to the login was received like any message. */
    CHECK(!strcmp(handle.last_reply, "+OK accepted") && !handle.last_sr_event && !*handle.last_sr_reply);
    CHECK(!strcmp(esl_event_get_header(handle.last_event, "content-type"), "command/reply"));

    CHECK(esl_send_recv(&handle, "api status\n\n") == ESL_SUCCESS);
    CHECK(handle.last_sr_event && handle.last_sr_event->body);
    CHECK(esl_stristr("up", handle.last_sr_event->body));
    puts(handle.last_sr_event->body);

    CHECK(esl_events(&handle, ESL_EVENT_TYPE_PLAIN, "ALL") == ESL_SUCCESS);
    CHECK(!strncmp(handle.last_sr_reply, "+OK", 3));
    CHECK(esl_filter(&handle, "Unique-ID", "x\ny") == ESL_FAIL && handle.connected);
    CHECK(esl_execute(&handle, "play\nback", NULL, NULL) == ESL_FAIL);

    /* An event that comes back to us. */
    CHECK(esl_event_create_subclass(&event, ESL_EVENT_CUSTOM, "test::one") == ESL_SUCCESS);
    CHECK(esl_event_add_header(event, ESL_STACK_BOTTOM, "X-Number", "%d of %s", 7, "ten") == ESL_SUCCESS);
    CHECK(esl_event_add_header_string(event, ESL_STACK_PUSH, "X-List", "one") == ESL_SUCCESS);
    CHECK(esl_event_add_header_string(event, ESL_STACK_PUSH, "X-List", "two") == ESL_SUCCESS);
    CHECK(esl_event_add_body(event, "%s body", "the") == ESL_SUCCESS);
    CHECK(esl_sendevent(&handle, event) == ESL_SUCCESS);
    esl_event_destroy(&event);
    CHECK(!event);

    for (i = 0; i < 50 && !found; i++) {
        esl_status_t status = esl_recv_event_timed(&handle, 1000, 1, NULL);
        CHECK(status == ESL_SUCCESS);
        if (handle.last_ievent && handle.last_ievent->event_id == ESL_EVENT_CUSTOM) {
            const char *subclass = esl_event_get_header(handle.last_ievent, "event-subclass");
            found = subclass && !strcmp(subclass, "test::one");
        }
    }
    CHECK(found);
    CHECK(!strcmp(esl_event_get_header(handle.last_ievent, "x-number"), "7 of ten"));
    CHECK(!strcmp(esl_event_get_header_idx(handle.last_ievent, "X-List", 1), "two"));
    CHECK(!strcmp(esl_event_get_body(handle.last_ievent), "the body"));

    /* Stolen events outlive the connection. */
    stolen = handle.last_ievent;
    handle.last_ievent = NULL;

    /* Nothing comes: the time passes. */
    CHECK(esl_send_recv(&handle, "noevents") == ESL_SUCCESS);
    while (esl_recv_event_timed(&handle, 50, 1, NULL) == ESL_SUCCESS) {
    }
    CHECK(handle.connected);

    CHECK(esl_send_recv(&handle, "bgapi status") == ESL_SUCCESS);
    CHECK(esl_event_get_header(handle.last_sr_event, "job-uuid"));
    CHECK(esl_send(&handle, "exit") == ESL_SUCCESS);
    while (esl_recv_event(&handle, 1, NULL) == ESL_SUCCESS) {
    }
    CHECK(!handle.connected);
    CHECK(!strcmp(esl_event_get_header(handle.last_event, "content-type"), "text/disconnect-notice"));
    CHECK(handle.last_event->body);
    CHECK(esl_send_recv(&handle, "api status") == ESL_FAIL);
    CHECK(esl_disconnect(&handle) == ESL_SUCCESS);
    CHECK(esl_disconnect(&handle) == ESL_FAIL);
    CHECK(handle.destroyed && !handle.last_event && !handle.packet_buf);

    CHECK(esl_event_serialize(stolen, &text, ESL_TRUE) == ESL_SUCCESS);
    CHECK(strstr(text, "X-Number: 7%20of%20ten\n"));
    free(text);
    CHECK(esl_event_serialize_json(stolen, &text) == ESL_SUCCESS);
    free(text);
    esl_event_destroy(&stolen);
    puts("done");
    return 0;
}
