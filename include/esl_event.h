/**
 * @file esl_event.h
 * Events: an ordered list of headers, a type and perhaps a body.
 *
 * An event is used by one thread at a time. Walk its headers by `next` from `headers`; names are compared in any letter
 * case and need not be unique. A received event is one allocation together with its headers and strings: you may change
 * bytes in place, relink the list, and insert headers and strings of your own from malloc(), but do not free() the strings
 * and headers that came with it (esl_event_destroy knows which are which). Headers added with the functions below are
 * separate malloc() allocations.
 */
#include "esl.h"

#ifndef SWITCHWIRE_ESL_EVENT_H
#define SWITCHWIRE_ESL_EVENT_H

#ifdef __cplusplus
extern "C" {
#endif

/** Where a header goes. */
typedef enum {
    ESL_STACK_BOTTOM = 0, /**< At the end. */
    ESL_STACK_TOP = 1,    /**< First. */
    ESL_STACK_PUSH = 2,   /**< The last element of the array of that name. */
    ESL_STACK_UNSHIFT = 3 /**< The first element of the array of that name. */
} esl_stack_t;

typedef enum { ESL_FALSE = 0, ESL_TRUE = 1 } esl_bool_t;

typedef enum { ESL_PRIORITY_NORMAL = 0, ESL_PRIORITY_LOW = 1, ESL_PRIORITY_HIGH = 2 } esl_priority_t;

/** Bits of an event's `flags`. */
typedef enum {
    ESL_EF_UNIQ_HEADERS = 1 /**< Adding a header replaces those of its name. */
} esl_event_flag_t;

/** The types of events. An event with a name that is not listed here is ESL_EVENT_CUSTOM; its Event-Name header keeps the
 *  name. */
typedef enum {
    ESL_EVENT_CUSTOM = 0,
    ESL_EVENT_CLONE = 1,
    ESL_EVENT_CHANNEL_CREATE = 2,
    ESL_EVENT_CHANNEL_DESTROY = 3,
    ESL_EVENT_CHANNEL_STATE = 4,
    ESL_EVENT_CHANNEL_CALLSTATE = 5,
    ESL_EVENT_CHANNEL_ANSWER = 6,
    ESL_EVENT_CHANNEL_HANGUP = 7,
    ESL_EVENT_CHANNEL_HANGUP_COMPLETE = 8,
    ESL_EVENT_CHANNEL_EXECUTE = 9,
    ESL_EVENT_CHANNEL_EXECUTE_COMPLETE = 10,
    ESL_EVENT_CHANNEL_HOLD = 11,
    ESL_EVENT_CHANNEL_UNHOLD = 12,
    ESL_EVENT_CHANNEL_BRIDGE = 13,
    ESL_EVENT_CHANNEL_UNBRIDGE = 14,
    ESL_EVENT_CHANNEL_PROGRESS = 15,
    ESL_EVENT_CHANNEL_PROGRESS_MEDIA = 16,
    ESL_EVENT_CHANNEL_OUTGOING = 17,
    ESL_EVENT_CHANNEL_PARK = 18,
    ESL_EVENT_CHANNEL_UNPARK = 19,
    ESL_EVENT_CHANNEL_APPLICATION = 20,
    ESL_EVENT_CHANNEL_ORIGINATE = 21,
    ESL_EVENT_CHANNEL_UUID = 22,
    ESL_EVENT_API = 23,
    ESL_EVENT_LOG = 24,
    ESL_EVENT_INBOUND_CHAN = 25,
    ESL_EVENT_OUTBOUND_CHAN = 26,
    ESL_EVENT_STARTUP = 27,
    ESL_EVENT_SHUTDOWN = 28,
    ESL_EVENT_PUBLISH = 29,
    ESL_EVENT_UNPUBLISH = 30,
    ESL_EVENT_TALK = 31,
    ESL_EVENT_NOTALK = 32,
    ESL_EVENT_SESSION_CRASH = 33,
    ESL_EVENT_MODULE_LOAD = 34,
    ESL_EVENT_MODULE_UNLOAD = 35,
    ESL_EVENT_DTMF = 36,
    ESL_EVENT_MESSAGE = 37,
    ESL_EVENT_PRESENCE_IN = 38,
    ESL_EVENT_NOTIFY_IN = 39,
    ESL_EVENT_PRESENCE_OUT = 40,
    ESL_EVENT_PRESENCE_PROBE = 41,
    ESL_EVENT_MESSAGE_WAITING = 42,
    ESL_EVENT_MESSAGE_QUERY = 43,
    ESL_EVENT_ROSTER = 44,
    ESL_EVENT_CODEC = 45,
    ESL_EVENT_BACKGROUND_JOB = 46,
    ESL_EVENT_DETECTED_SPEECH = 47,
    ESL_EVENT_DETECTED_TONE = 48,
    ESL_EVENT_PRIVATE_COMMAND = 49,
    ESL_EVENT_HEARTBEAT = 50,
    ESL_EVENT_TRAP = 51,
    ESL_EVENT_ADD_SCHEDULE = 52,
    ESL_EVENT_DEL_SCHEDULE = 53,
    ESL_EVENT_EXE_SCHEDULE = 54,
    ESL_EVENT_RE_SCHEDULE = 55,
    ESL_EVENT_RELOADXML = 56,
    ESL_EVENT_NOTIFY = 57,
    ESL_EVENT_PHONE_FEATURE = 58,
    ESL_EVENT_PHONE_FEATURE_SUBSCRIBE = 59,
    ESL_EVENT_SEND_MESSAGE = 60,
    ESL_EVENT_RECV_MESSAGE = 61,
    ESL_EVENT_REQUEST_PARAMS = 62,
    ESL_EVENT_CHANNEL_DATA = 63,
    ESL_EVENT_GENERAL = 64,
    ESL_EVENT_COMMAND = 65,
    ESL_EVENT_SESSION_HEARTBEAT = 66,
    ESL_EVENT_CLIENT_DISCONNECTED = 67,
    ESL_EVENT_SERVER_DISCONNECTED = 68,
    ESL_EVENT_SEND_INFO = 69,
    ESL_EVENT_RECV_INFO = 70,
    ESL_EVENT_RECV_RTCP_MESSAGE = 71,
    ESL_EVENT_SEND_RTCP_MESSAGE = 72,
    ESL_EVENT_CALL_SECURE = 73,
    ESL_EVENT_NAT = 74,
    ESL_EVENT_RECORD_START = 75,
    ESL_EVENT_RECORD_STOP = 76,
    ESL_EVENT_PLAYBACK_START = 77,
    ESL_EVENT_PLAYBACK_STOP = 78,
    ESL_EVENT_CALL_UPDATE = 79,
    ESL_EVENT_FAILURE = 80,
    ESL_EVENT_SOCKET_DATA = 81,
    ESL_EVENT_MEDIA_BUG_START = 82,
    ESL_EVENT_MEDIA_BUG_STOP = 83,
    ESL_EVENT_CONFERENCE_DATA_QUERY = 84,
    ESL_EVENT_CONFERENCE_DATA = 85,
    ESL_EVENT_CALL_SETUP_REQ = 86,
    ESL_EVENT_CALL_SETUP_RESULT = 87,
    ESL_EVENT_CALL_DETAIL = 88,
    ESL_EVENT_DEVICE_STATE = 89,
    ESL_EVENT_TEXT = 90,
    ESL_EVENT_SHUTDOWN_REQUESTED = 91,
    ESL_EVENT_ALL = 92
} esl_event_types_t;

/** One header. */
struct esl_event_header {
    char *name;
    char *value;        /**< The value; of an array its text form `ARRAY::one|:two`. */
    char **array;       /**< The elements; NULL for a plain header. */
    int idx;            /**< How many elements. */
    unsigned long hash; /**< 0: not computed. */
    struct esl_event_header *next;
};
typedef struct esl_event_header esl_event_header_t;

/** An event. Made by the functions below, never by hand. */
struct esl_event {
    esl_event_types_t event_id;
    esl_priority_t priority;
    char *owner;
    char *subclass_name;
    esl_event_header_t *headers;
    esl_event_header_t *last_header;
    char *body;
    void *bind_user_data;
    void *event_user_data;
    unsigned long key; /**< The library's own. */
    struct esl_event *next;
    int flags;
};
typedef struct esl_event esl_event_t;

#define ESL_EVENT_SUBCLASS_ANY NULL

/**
 * Makes an event with its Event-Name header. ESL_EVENT_CLONE makes an empty one to fill in.
 * @param event set to the new event, which is yours: esl_event_destroy it; NULL after a failure
 * @param subclass_name the Event-Subclass of a CUSTOM event, copied; NULL for none (ESL_FAIL with another type)
 */
ESL_DECLARE(esl_status_t)
esl_event_create_subclass(esl_event_t **event, esl_event_types_t event_id, const char *subclass_name);
#define esl_event_create(event, id) esl_event_create_subclass((event), (id), ESL_EVENT_SUBCLASS_ANY)

/** Frees an event and all that is in it, and sets the pointer to NULL. NULL is ignored. */
ESL_DECLARE(void) esl_event_destroy(esl_event_t **event);
#define esl_event_safe_destroy(event) esl_event_destroy(event)

/** Copies an event; the copy is yours: esl_event_destroy it. */
ESL_DECLARE(esl_status_t) esl_event_dup(esl_event_t **event, esl_event_t *todup);

/** Adds all headers of `tomerge` (which stays as it is) to `event`. */
ESL_DECLARE(void) esl_event_merge(esl_event_t *event, esl_event_t *tomerge);

/** Sets the priority, and its `priority` header (first, when there was none). */
ESL_DECLARE(esl_status_t) esl_event_set_priority(esl_event_t *event, esl_priority_t priority);

/** The first header of that name; NULL when there is none. It stays the event's. */
ESL_DECLARE(esl_event_header_t *) esl_event_get_header_ptr(esl_event_t *event, const char *header_name);

/** The value of the first header of that name (idx -1), or one element of its array (from 0); NULL when there is none.
 *  The name `_body` is the body. The string stays the event's and lives until that header is changed. */
ESL_DECLARE(char *) esl_event_get_header_idx(esl_event_t *event, const char *header_name, int idx);
#define esl_event_get_header(event, name) esl_event_get_header_idx((event), (name), -1)

/** The body; NULL when there is none. It stays the event's. */
ESL_DECLARE(char *) esl_event_get_body(esl_event_t *event);

/**
 * Adds a header; name and value are copied. An empty value removes the headers of that name instead; `name[3]` sets one
 * array element (index up to 4000) and creates those before it; a value with `ARRAY::a|:b` in it makes an array; pushing
 * onto a plain header turns it into an array; the name `_body` also sets the body.
 */
ESL_DECLARE(esl_status_t)
esl_event_add_header_string(esl_event_t *event, esl_stack_t stack, const char *header_name, const char *data);

/** As esl_event_add_header_string, with a printf-style value. */
ESL_DECLARE_NONSTD(esl_status_t)
esl_event_add_header(esl_event_t *event, esl_stack_t stack, const char *header_name, const char *fmt, ...)
#if defined(__GNUC__) || defined(__clang__)
    __attribute__((format(printf, 4, 5)))
#endif
    ;

/** Adds the elements of `ARRAY::a|:b` to the array of that name. 0, or -1 when `val` is too short to be an array. */
ESL_DECLARE(int) esl_event_add_array(esl_event_t *event, const char *var, const char *val);

/** Removes the headers of that name; only those with that value when `var` is not NULL. */
ESL_DECLARE(esl_status_t) esl_event_del_header_val(esl_event_t *event, const char *header_name, const char *var);
#define esl_event_del_header(event, name) esl_event_del_header_val((event), (name), NULL)

/** Replaces the body with printf-style text. */
ESL_DECLARE_NONSTD(esl_status_t) esl_event_add_body(esl_event_t *event, const char *fmt, ...)
#if defined(__GNUC__) || defined(__clang__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;

/** Replaces the body with a copy of this text; NULL removes it. */
ESL_DECLARE(esl_status_t) esl_event_set_body(esl_event_t *event, const char *body);

/** The name of a type, e.g. "CHANNEL_ANSWER"; NULL for an invalid number. A static string. */
ESL_DECLARE(const char *) esl_event_name(esl_event_types_t event);

/** Finds a type by its name, in any letter case; any 13 characters may precede it (`SWITCH_EVENT_`). */
ESL_DECLARE(esl_status_t) esl_name_event(const char *name, esl_event_types_t *type);

/** The name of a priority; "INVALID" for an invalid number. A static string. */
ESL_DECLARE(const char *) esl_priority_name(esl_priority_t priority);

/** The event as text: header lines (percent-encoded unless `encode` is ESL_FALSE), and the body with its Content-Length.
 *  *str is yours: free() it; NULL after a failure. */
ESL_DECLARE(esl_status_t) esl_event_serialize(esl_event_t *event, char **str, esl_bool_t encode);

/** The event as JSON text. *str is yours: free() it; NULL after a failure. */
ESL_DECLARE(esl_status_t) esl_event_serialize_json(esl_event_t *event, char **str);

/** Makes an event from JSON text: strings become headers, lists of strings arrays, `_body` the body. The event is yours:
 *  esl_event_destroy it; NULL and ESL_FAIL when the text is not a JSON object. */
ESL_DECLARE(esl_status_t) esl_event_create_json(esl_event_t **event, const char *json);

#ifdef __cplusplus
}
#endif

#endif
