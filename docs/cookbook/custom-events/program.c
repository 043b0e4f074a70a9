/* Sends an event of its own, and receives it: HOST PORT PASSWORD. */
#include <esl.h>

int main(int argc, char **argv)
{
    esl_handle_t handle = { { 0 } };
    esl_event_t *order = NULL;

    if (argc != 4 || esl_connect(&handle, argv[1], (esl_port_t) atoi(argv[2]), NULL, argv[3]) != ESL_SUCCESS) {
        return 1;
    }
    esl_events(&handle, ESL_EVENT_TYPE_PLAIN, "CUSTOM shop::order");
    if (esl_event_create_subclass(&order, ESL_EVENT_CUSTOM, "shop::order") != ESL_SUCCESS) {
        return 1;
    }
    esl_event_add_header_string(order, ESL_STACK_BOTTOM, "Order", "4711");
    esl_event_add_header_string(order, ESL_STACK_BOTTOM, "Customer", "Zo\xc3\xab");
    esl_event_add_body(order, "%s", "{\"items\": 2}");
    esl_sendevent(&handle, order);
    esl_event_destroy(&order);

    if (esl_recv_event(&handle, 1, NULL) == ESL_SUCCESS && handle.last_ievent) {
        esl_event_t *event = handle.last_ievent;

        printf("order %s of %s: %s\n", esl_event_get_header(event, "Order"), esl_event_get_header(event, "Customer"),
               esl_event_get_body(event));
    }
    esl_disconnect(&handle);
    return 0;
}
