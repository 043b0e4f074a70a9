/* A program that knows the layouts by their numbers alone, as one compiled against other headers does. */
#define _DEFAULT_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern int esl_connect_timeout(void *, const char *, int16_t, const char *, const char *, uint32_t);
extern int esl_send_recv_timed(void *, const char *, uint32_t);
extern int esl_recv_event(void *, int, void **);
extern int esl_events(void *, int, const char *);
extern int esl_disconnect(void *);
extern void esl_event_destroy(void **);
extern char *esl_event_get_header_idx(void *, const char *, int);

enum { HANDLE = 68360, CONNECTED = 68312, LAST_SR_EVENT = 68280, LAST_SR_REPLY = 67248, LAST_IEVENT = 68296 };
enum { EVENT_ID = 0, HEADERS = 24, BODY = 40, NAME = 0, VALUE = 8, NEXT = 40 };

static void *at(void *base, int offset)
{
    void *value;
    memcpy(&value, (char *)base + offset, sizeof(value));
    return value;
}

static int number(void *base, int offset)
{
    int value;
    memcpy(&value, (char *)base + offset, sizeof(value));
    return value;
}

int main(int argc, char **argv)
{
    char *handle = calloc(1, HANDLE + 64);
    void *reply, *header, *event, *none = NULL;
    int headers = 0, i;

    if (argc < 3 || !handle) {
        return 2;
    }
    memset(handle + HANDLE, 0x5a, 64);
    if (esl_connect_timeout(handle, "127.0.0.1", (int16_t)atoi(argv[1]), NULL, argv[2], 5000) ||
        number(handle, CONNECTED) != 1) {
        return 3;
    }
    if (esl_send_recv_timed(handle, "api status", 0)) {
        return 4;
    }
    reply = at(handle, LAST_SR_EVENT);
    if (number(reply, EVENT_ID) != 81 || !at(reply, BODY)) {
        return 5;
    }
    for (header = at(reply, HEADERS); header; header = at(header, NEXT)) {
        printf("%s: %s\n", (char *)at(header, NAME), (char *)at(header, VALUE));
        headers++;
    }
    if (headers < 3 || esl_events(handle, 0, "CUSTOM a::b") || strncmp(handle + LAST_SR_REPLY, "+OK", 3)) {
        return 6;
    }
    if (esl_send_recv_timed(handle, "sendevent CUSTOM\nEvent-Subclass: a::b\n\n", 0) || esl_recv_event(handle, 1, NULL)) {
        return 7;
    }
    event = at(handle, LAST_IEVENT);
    if (!event || number(event, EVENT_ID) != 0 || strcmp(esl_event_get_header_idx(event, "Event-Subclass", -1), "a::b")) {
        return 8;
    }
    memcpy(handle + LAST_IEVENT, &none, sizeof(none));
    if (esl_disconnect(handle)) {
        return 9;
    }
    esl_event_destroy(&event);
    for (i = 0; i < 64; i++) {
        if (handle[HANDLE + i] != 0x5a) {
            return 10;
        }
    }
    free(handle);
    puts("done");
    return 0;
}
