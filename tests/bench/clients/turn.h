/* One turn of a C or C++ client: what src/turn.rs is to those in Rust. Arguments of every client:
   FORMAT WORK PORT COUNT SENDS [quiet]. */
#ifndef TURN_H
#define TURN_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define FLOODED 20
/* The header that says when an event was sent. */
#define STAMP "variable_bench_sent"
/* Seconds of rest after a flood, before memory is looked at. */
#define QUIET 6

struct turn {
    const char *format, *work;
    int port, count, deep, is_stamped;
    char stream[80];
    uint64_t events;
    uint32_t values, bodies;
    struct timespec wall, cpu;
    uint64_t *delays;
};

static inline int turn_is(const struct turn *turn, const char *work)
{
    return strcmp(turn->work, work) == 0;
}

/* How many connections this work is done on. */
static inline int turn_connections(const struct turn *turn)
{
    return turn_is(turn, "idle") ? turn->count : turn_is(turn, "flood") ? FLOODED : 1;
}

static inline void turn_read(struct turn *turn, int argc, char **argv)
{
    if (argc < 6) {
        fprintf(stderr, "FORMAT WORK PORT COUNT SENDS [quiet]\n");
        exit(2);
    }
    memset(turn, 0, sizeof(*turn));
    turn->format = argv[1];
    turn->work = argv[2];
    turn->port = atoi(argv[3]);
    turn->count = atoi(argv[4]);
    turn->deep = turn_is(turn, "verify");
    turn->is_stamped = turn_is(turn, "latency");
    turn->values = turn->bodies = turn->deep ? 0x811c9dc5u : 0;
    snprintf(turn->stream, sizeof(turn->stream), "api stream %d %.10s", turn->count, argv[5]);
}

static inline uint32_t turn_hash(uint32_t sum, const char *text)
{
    do {
        sum = (sum ^ (unsigned char)*text) * 0x01000193u;
    } while (*text++);
    return sum;
}

/* An event was received; what is missing is NULL. */
static inline void turn_add(struct turn *turn, const char *name, const char *id, const char *state, const char *body)
{
    name = name ? name : "";
    id = id ? id : "";
    state = state ? state : "";
    body = body ? body : "";
    turn->events++;
    if (turn->deep) {
        turn->values = turn_hash(turn_hash(turn_hash(turn->values, name), id), state);
        turn->bodies = turn_hash(turn->bodies, body);
    } else {
        turn->values = turn->values * 31 + (uint32_t)(strlen(name) + strlen(id) + strlen(state));
        turn->bodies += (uint32_t)strlen(body);
    }
}

/* An event came, whose stamp this is. */
static inline void turn_stamp(struct turn *turn, const char *stamp)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!turn->delays) {
        turn->delays = (uint64_t *)malloc((size_t)turn->count * sizeof(*turn->delays));
    }
    if (!turn->delays || !stamp) {
        fprintf(stderr, "no stamp\n");
        exit(1);
    }
    turn->delays[turn->events++] = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec - strtoull(stamp, NULL, 10);
}

static inline void turn_wait(void)
{
    char line[16];
    fflush(stdout);
    if (!fgets(line, sizeof(line), stdin)) {
        exit(0);
    }
}

static inline long long turn_since(clockid_t clock, const struct timespec *from)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (long long)(now.tv_sec - from->tv_sec) * 1000000000LL + (now.tv_nsec - from->tv_nsec);
}

/* How many bytes of an object are in memory. */
static inline size_t turn_resident(const void *object, size_t length)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), start = (uintptr_t)object, end = start + length;
    size_t resident = 0;
    uintptr_t at;

    for (at = start / page * page; at < end; at += page) {
        unsigned char is = 0;
        if (mincore((void *)at, page, &is) == 0 && (is & 1)) {
            resident += (at + page < end ? at + page : end) - (at > start ? at : start);
        }
    }
    return resident;
}

/* `resident` bytes are those of the connections' public structs. */
static inline void turn_start(struct turn *turn, size_t resident)
{
    printf("ready %lu\n", (unsigned long)(resident / 1024));
    turn_wait();
    clock_gettime(CLOCK_MONOTONIC, &turn->wall);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &turn->cpu);
}

static inline void turn_stop(struct turn *turn)
{
    long long wall = turn_since(CLOCK_MONOTONIC, &turn->wall);
    long long cpu = turn_since(CLOCK_PROCESS_CPUTIME_ID, &turn->cpu);
    if (turn_is(turn, "flood")) {
        sleep(QUIET);
    }
    if (turn->delays) {
        uint64_t i;

        fputs("delays", stdout);
        for (i = 0; i < turn->events; i++) {
            printf(" %llu", (unsigned long long)turn->delays[i]);
        }
        puts("");
    }
    printf("%llu %lu %lu %lld %lld\n", (unsigned long long)turn->events, (unsigned long)turn->values,
           (unsigned long)turn->bodies, wall, cpu);
    turn_wait();
}

static inline void turn_must(int held, const char *what)
{
    if (!held) {
        fprintf(stderr, "failed: %s\n", what);
        exit(1);
    }
}

#endif
