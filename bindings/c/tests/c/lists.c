/* Programs that walk and edit header lists by hand, and the text helpers. No connection. */
#define _GNU_SOURCE
#include "esl.h"

#include <pthread.h>

#define CHECK(condition)                                                \
    do {                                                                \
        if (!(condition)) {                                             \
            fprintf(stderr, "%d: %s\n", __LINE__, #condition);          \
            exit(1);                                                    \
        }                                                               \
    } while (0)

static const char message[] = "Content-Length: 71\nContent-Type: text/event-plain\n\n"
                              "Event-Name: DTMF\nOne: 1\nTwo: %22two%22\nThree: 3\nContent-Length: 4\n\nbodyrest!\n";

static esl_event_t *received(void)
{
    int ends[2];
    static esl_handle_t handle;
    esl_event_t *event;

    memset(&handle, 0, sizeof(handle));
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    handle.sock = ends[0];
    handle.connected = 1;
    CHECK(esl_mutex_create(&handle.mutex) == ESL_SUCCESS);
    CHECK(esl_buffer_create(&handle.packet_buf, BUF_CHUNK, BUF_START, 0) == ESL_SUCCESS);
    CHECK(write(ends[1], message, sizeof(message) - 1) == (ssize_t)sizeof(message) - 1);
    CHECK(esl_recv_event(&handle, 0, NULL) == ESL_SUCCESS);
    CHECK(handle.last_ievent);
    event = handle.last_ievent;
    handle.last_ievent = NULL;
    CHECK(esl_disconnect(&handle) == ESL_SUCCESS);
    close(ends[1]);
    return event;
}

static char *own(const char *text)
{
    char *copy = malloc(strlen(text) + 1);
    CHECK(copy);
    return strcpy(copy, text);
}

static void edit(void)
{
    esl_event_t *event = received(), *other = NULL, *copy = NULL;
    esl_event_header_t *hp, *mine;
    int count = 0;

    for (hp = event->headers; hp; hp = hp->next) {
        count++;
        CHECK(hp->name && hp->value && !hp->array && !hp->idx);
    }
    CHECK(count == 5 && event->last_header && !event->last_header->next);
    CHECK(!strcmp(esl_event_get_header(event, "two"), "\"two\""));
    CHECK(!strncmp(event->body, "body", 4));

    /* A value changed in place, one replaced, a header put in by hand, one unlinked. */
    hp = esl_event_get_header_ptr(event, "One");
    hp->value[0] = 'X';
    hp = esl_event_get_header_ptr(event, "Three");
    hp->value = own("another value");
    mine = calloc(1, sizeof(*mine));
    CHECK(mine);
    mine->name = own("Mine");
    mine->value = own("yes");
    mine->next = event->headers;
    event->headers = mine;
    mine->next->next = mine->next->next->next;
    CHECK(!esl_event_get_header(event, "One"));
    CHECK(!strcmp(esl_event_get_header(event, "mine"), "yes"));

    /* The functions on a received event. */
    CHECK(esl_event_add_header_string(event, ESL_STACK_TOP, "Top", "t") == ESL_SUCCESS);
    CHECK(!strcmp(event->headers->name, "Top") && !event->headers->array);
    CHECK(esl_event_add_header_string(event, ESL_STACK_PUSH, "Two", "2b") == ESL_SUCCESS);
    CHECK(esl_event_add_header_string(event, ESL_STACK_UNSHIFT, "Two", "0") == ESL_SUCCESS);
    CHECK(!strcmp(esl_event_get_header_idx(event, "Two", 0), "0"));
    CHECK(!strcmp(esl_event_get_header_idx(event, "Two", 1), "\"two\""));
    CHECK(!strcmp(esl_event_get_header(event, "Two"), "ARRAY::0|:\"two\"|:2b"));
    CHECK(esl_event_add_header_string(event, ESL_STACK_BOTTOM, "New[3]", "n") == ESL_SUCCESS);
    CHECK(!strcmp(esl_event_get_header(event, "New"), "ARRAY::|:|:|:n"));
    CHECK(esl_event_set_priority(event, ESL_PRIORITY_HIGH) == ESL_SUCCESS && event->priority == ESL_PRIORITY_HIGH);
    CHECK(esl_event_del_header(event, "Content-Length") == ESL_SUCCESS);
    /* Its own strings as arguments. */
    CHECK(esl_event_add_header_string(event, ESL_STACK_BOTTOM, event->headers->name, event->headers->value) ==
          ESL_SUCCESS);
    CHECK(esl_event_set_body(event, event->body) == ESL_SUCCESS);

    esl_set_flag(event, ESL_EF_UNIQ_HEADERS);
    CHECK(esl_event_add_header_string(event, ESL_STACK_BOTTOM, "Three", "once") == ESL_SUCCESS);
    CHECK(esl_event_add_header_string(event, ESL_STACK_BOTTOM, "Three", "only") == ESL_SUCCESS);
    CHECK(!strcmp(esl_event_get_header(event, "Three"), "only"));
    esl_clear_flag(event, ESL_EF_UNIQ_HEADERS);

    CHECK(esl_event_dup(&copy, event) == ESL_SUCCESS);
    CHECK(!strcmp(copy->body, event->body));
    CHECK(esl_event_create(&other, ESL_EVENT_CLONE) == ESL_SUCCESS && !other->headers);
    esl_event_merge(other, event);
    CHECK(!strcmp(esl_event_get_header_idx(other, "Two", 2), "2b"));
    event->body = NULL == event->body ? NULL : (free(event->body), own("stolen and replaced"));
    esl_event_destroy(&event);
    esl_event_safe_destroy(&copy);
    esl_event_safe_destroy(&other);
    esl_event_destroy(&other);
}

/* An array that grows element by element, with changes by hand and through the library between. */
static void pushes(void)
{
    esl_event_t *event = NULL;
    esl_event_header_t *hp;
    char wanted[8192] = "ARRAY::0", element[16];
    int i;

    CHECK(esl_event_create(&event, ESL_EVENT_CUSTOM) == ESL_SUCCESS);
    for (i = 0; i < 500; i++) {
        snprintf(element, sizeof(element), "%d", i);
        CHECK(esl_event_add_header_string(event, ESL_STACK_PUSH, "List", element) == ESL_SUCCESS);
        CHECK(esl_event_add_header_string(event, ESL_STACK_PUSH, i % 100 ? "List-2" : "List-3", element) == ESL_SUCCESS);
        if (i) {
            strcat(strcat(wanted, "|:"), element);
            CHECK(!strcmp(esl_event_get_header(event, "List"), wanted));
        }
    }
    hp = esl_event_get_header_ptr(event, "List");
    CHECK(hp->idx == 500 && !strcmp(hp->array[499], "499"));
    CHECK(!strcmp(esl_event_get_header(event, "List-3"), "ARRAY::0|:100|:200|:300|:400"));
    /* A text put there by hand goes with the next push; an element that was set shows from then on. */
    free(hp->value);
    hp->value = own("by hand");
    CHECK(esl_event_add_header_string(event, ESL_STACK_BOTTOM, "List[0]", "zero") == ESL_SUCCESS);
    CHECK(!strcmp(hp->value, "by hand"));
    CHECK(esl_event_add_header_string(event, ESL_STACK_PUSH, "List", "last") == ESL_SUCCESS);
    CHECK(!strncmp(hp->value, "ARRAY::zero|:1|:2|:", 19) && !strcmp(hp->value + strlen(hp->value) - 11, "|:499|:last"));
    CHECK(esl_event_add_header_string(event, ESL_STACK_PUSH, "List", "more") == ESL_SUCCESS);
    CHECK(!strcmp(hp->value + strlen(hp->value) - 12, "|:last|:more"));
    CHECK(esl_event_add_header_string(event, ESL_STACK_BOTTOM, "List", "") == ESL_SUCCESS);
    CHECK(!esl_event_get_header(event, "List"));
    CHECK(esl_event_add_header_string(event, ESL_STACK_PUSH, "List", "anew") == ESL_SUCCESS);
    CHECK(!strcmp(esl_event_get_header(event, "List"), "anew"));
    esl_event_destroy(&event);
}

static void helpers(void)
{
    char line[] = "a|:b|:c", *parts[8], coded[32], decoded[] = "100%25%zz%", *made = NULL;
    esl_event_t *event = NULL;
    esl_event_types_t type;

    CHECK(esl_separate_string_string(line, "|:", parts, 8) == 3 && !strcmp(parts[2], "c"));
    CHECK(esl_url_encode("a b#\xe9", coded, sizeof(coded)) == 11 && !strcmp(coded, "a%20b%23%E9"));
    CHECK(esl_url_encode("a b", coded, 4) == 1 && !strcmp(coded, "a"));
    CHECK(!strcmp(esl_url_decode(decoded), "100%%zz%"));
    CHECK(esl_toupper('a') == 'A' && esl_tolower('A') == 'a');
    CHECK(esl_true("TRUE") && esl_true("3") && !esl_true("0") && esl_false("0") && esl_false("off"));
    CHECK(esl_name_event("switch_event_dtmf", &type) == ESL_SUCCESS && type == ESL_EVENT_DTMF);
    CHECK(esl_name_event("nonsense", &type) == ESL_FAIL);
    CHECK(!strcmp(esl_event_name(ESL_EVENT_ALL), "ALL") && !strcmp(esl_priority_name(ESL_PRIORITY_LOW), "LOW"));
    CHECK(esl_snprintf(coded, 4, "%d", 123456) == 6 && !strcmp(coded, "123"));
    CHECK(esl_event_create_json(&event, "{\"Event-Name\":\"TEXT\",\"a\":[\"x\",\"y\"],\"_body\":\"%s%s%n\"}") == ESL_SUCCESS);
    CHECK(!strcmp(event->body, "%s%s%n") && !strcmp(esl_event_get_header_idx(event, "a", 1), "y"));
    esl_event_destroy(&event);
    CHECK(esl_event_create_json(&event, "no json") == ESL_FAIL && !event);
    /* NULL everywhere is a failure, not a crash. */
    CHECK(esl_event_get_header(NULL, "a") == NULL && esl_event_serialize(NULL, &made, 1) == ESL_FAIL && !made);
    CHECK(esl_send_recv(NULL, "x") == ESL_FAIL && esl_recv_event(NULL, 0, NULL) == ESL_FAIL);
    CHECK(esl_disconnect(NULL) == ESL_FAIL && esl_mutex_lock(NULL) == ESL_FAIL && esl_buffer_inuse(NULL) == 0);
    esl_event_destroy(NULL);
    esl_buffer_destroy(NULL);
    esl_global_set_default_logger(3);
    esl_log(ESL_LOG_ERROR, "an error %d\n", 5);
    esl_log(ESL_LOG_DEBUG, "not seen\n");
    esl_global_set_logger(NULL);
    esl_log(ESL_LOG_ERROR, "not seen either\n");
}

static void *run(esl_thread_t *thread, void *done)
{
    size_t size = 0;
    pthread_attr_t attributes;

    (void)thread;
    pthread_getattr_np(pthread_self(), &attributes);
    pthread_attr_getstacksize(&attributes, &size);
    pthread_attr_destroy(&attributes);
    __atomic_store_n((size_t *)done, size, __ATOMIC_RELEASE);
    return NULL;
}

/* The size that threads begin with is a variable of the library, which programs may set. */
static void stack_size(void)
{
    size_t size = 0;

    thread_default_stacksize = 1024 * 1024;
    CHECK(esl_thread_create_detached(run, &size) == ESL_SUCCESS);
    while (!__atomic_load_n(&size, __ATOMIC_ACQUIRE)) {
        usleep(1000);
    }
    CHECK(size >= 1024 * 1024 && size < 2 * 1024 * 1024);
    esl_thread_override_default_stacksize(0);
    CHECK(thread_default_stacksize == 0);
    CHECK(esl_is_file_path("/etc/x") && esl_is_file_path("http://x") && !esl_is_file_path("x/y"));
}

int main(void)
{
    stack_size();
    edit();
    pushes();
    helpers();
    puts("done");
    return 0;
}
