/* Sends a phone a MESSAGE, an INFO and the state of a feature key: HOST PORT PASSWORD USER DOMAIN. */
#include <esl.h>

/* Pairs of names and values up to NULL. */
static void tell(esl_handle_t *handle, esl_event_types_t kind, const char *const *headers, const char *body)
{
    esl_event_t *event = NULL;

    if (esl_event_create(&event, kind) != ESL_SUCCESS) {
        return;
    }
    for (; *headers; headers += 2) {
        esl_event_add_header_string(event, ESL_STACK_BOTTOM, headers[0], headers[1]);
    }
    if (body) {
        esl_event_add_body(event, "%s", body);
    }
    if (esl_sendevent(handle, event) == ESL_SUCCESS) {
        printf("%s sent\n", esl_event_name(kind));
    }
    esl_event_destroy(&event);
}

int main(int argc, char **argv)
{
    esl_handle_t handle = { { 0 } };

    if (argc != 6 || esl_connect(&handle, argv[1], (esl_port_t) atoi(argv[2]), NULL, argv[3]) != ESL_SUCCESS) {
        return 1;
    }
    {
        char phone[256];
        const char *const message[] = { "profile", "internal", "user", argv[4], "host", argv[5],
                                        "content-type", "text/plain", "subject", "Door", NULL };
        const char *const info[] = { "profile", "internal", "content-type", "text/plain", "to-uri", phone,
                                     "from-uri", "sip:door@example.com", NULL };
        const char *const key[] = { "user", argv[4], "host", argv[5], "device", argv[4],
                                    "Feature-Event", "DoNotDisturbEvent", "doNotDisturbOn", "on", NULL };

        snprintf(phone, sizeof(phone), "sip:%s@%s", argv[4], argv[5]);
        tell(&handle, ESL_EVENT_SEND_MESSAGE, message, "The door bell rang");
        tell(&handle, ESL_EVENT_SEND_INFO, info, "open=1");
        tell(&handle, ESL_EVENT_PHONE_FEATURE, key, NULL);
    }
    esl_disconnect(&handle);
    return 0;
}
