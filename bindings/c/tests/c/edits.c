/* Random sequences of the calls that change events, and what is left after each. Links with any libesl.
   Arguments: the first seed, and how many there are. Leaves out what differs on purpose (ESL_STACK_TOP and UNSHIFT). */
#include "esl.h"

static unsigned long long state;

static int below(int limit)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (int)((state >> 11) % (unsigned long long)limit);
}

static const char *name(void)
{
    static const char *const names[] = {"X", "x", "X[0]", "X[2]", "x[1]", "X[", "Y", "Y[3]", "Y[4001]", "_body",
                                        "_body[0]", "Event-Name", "Z"};
    return names[below((int)(sizeof names / sizeof *names))];
}

static void value(char *out)
{
    static const char *const words[] = {"ARRAY::", "ARRAY::", "ARRAY::", "|:", "|:", "a", "b", "5", "xxxxxxx", "AR",
                                        "RAY::", ":"};
    int count = below(6);

    *out = '\0';
    while (count-- > 0) {
        strcat(out, words[below((int)(sizeof words / sizeof *words))]);
    }
}

static void show(esl_event_t *event)
{
    esl_event_header_t *hp;
    int i;

    printf("%s body %s\n", esl_event_name(event->event_id), event->body ? event->body : "none");
    for (hp = event->headers; hp; hp = hp->next) {
        printf("  %s = %s\n", hp->name, hp->value);
        for (i = 0; i < hp->idx; i++) {
            printf("    [%d] %s\n", i, hp->array[i]);
        }
    }
}

static void sequence(unsigned long long seed)
{
    esl_event_t *event = NULL, *other = NULL;
    int calls = 1 + below(8);

    printf("seed %llu\n", seed);
    esl_event_create(&event, ESL_EVENT_MESSAGE);
    if (below(4) == 0) {
        event->flags |= ESL_EF_UNIQ_HEADERS;
    }
    while (calls-- > 0) {
        char text[64];
        const char *key = name();

        value(text);
        switch (below(7)) {
        case 0:
        case 1:
            esl_event_add_header_string(event, ESL_STACK_BOTTOM, key, text);
            break;
        case 2:
            esl_event_add_header_string(event, ESL_STACK_PUSH, key, text);
            break;
        case 3:
        case 4:
            printf("%d\n", esl_event_add_array(event, key, text));
            break;
        case 5:
            esl_event_del_header(event, key);
            break;
        default:
            if (esl_event_dup(&other, event) == ESL_SUCCESS) {
                esl_event_merge(other, event);
                show(other);
                esl_event_destroy(&other);
            }
        }
    }
    show(event);
    esl_event_destroy(&event);
}

int main(int argc, char **argv)
{
    unsigned long long seed, end;

    if (argc < 3) {
        return 2;
    }
    seed = strtoull(argv[1], NULL, 10);
    for (end = seed + strtoull(argv[2], NULL, 10); seed < end; seed++) {
        state = (seed * 0x9E3779B97F4A7C15ULL) | 1;
        sequence(seed);
    }
    return 0;
}
