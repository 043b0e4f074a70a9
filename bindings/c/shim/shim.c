/* What Rust cannot define: variadic functions, loggers included. Each formats its text and passes it to a function
   written in Rust. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void (*logger)(const char *file, const char *func, int line, int level, const char *fmt, ...);

/* Written in Rust. */
extern int esl_event_add_header_string(void *event, int stack, const char *name, const char *data);
extern int esl_event_set_body(void *event, const char *body);

enum { SUCCESS = 0, FAIL = 1, DEBUG = 7 };

static void drop_all(const char *file, const char *func, int line, int level, const char *fmt, ...)
{
    (void)file, (void)func, (void)line, (void)level, (void)fmt;
}

static int most_verbose = DEBUG;

static void write_to_stderr(const char *file, const char *func, int line, int level, const char *fmt, ...)
{
    static const char *const names[] = {"EMERG", "ALERT", "CRIT", "ERROR", "WARNING", "NOTICE", "INFO", "DEBUG"};
    const char *base;
    char *text = NULL;
    va_list ap;

    if (level < 0 || level > DEBUG) {
        level = DEBUG;
    }
    if (level > most_verbose || !fmt) {
        return;
    }
    va_start(ap, fmt);
    if (vasprintf(&text, fmt, ap) < 0) {
        text = NULL;
    }
    va_end(ap);
    if (text) {
        base = file ? strrchr(file, '/') : NULL;
        base = base ? base + 1 : file;
        /* One call, so that lines of several threads do not mix. */
        fprintf(stderr, "[%s] %s:%d %s() %s", names[level], base ? base : "", line, func ? func : "", text);
        free(text);
    }
}

logger esl_log = drop_all;

/* The stack size of new threads; 0: the system's default. Programs may write to it. */
size_t thread_default_stacksize = 0;

void esl_global_set_logger(logger chosen)
{
    esl_log = chosen ? chosen : drop_all;
}

void esl_global_set_default_logger(int level)
{
    most_verbose = level < 0 || level > DEBUG ? DEBUG : level;
    esl_log = write_to_stderr;
}

/* For this library only, not exported. */
#if defined(__GNUC__)
#define HIDDEN __attribute__((visibility("hidden")))
#else
#define HIDDEN
#endif

HIDDEN int esl_is_traced(void)
{
    return esl_log != drop_all && (esl_log != write_to_stderr || most_verbose == DEBUG);
}

HIDDEN void esl_log_text(int level, const char *function, const char *text)
{
    esl_log("esl.c", function, 0, level, "%s", text);
}

int esl_vasprintf(char **ret, const char *fmt, va_list ap)
{
    int length;

    if (!ret) {
        return -1;
    }
    length = fmt ? vasprintf(ret, fmt, ap) : -1;
    if (length < 0) {
        *ret = NULL;
    }
    return length;
}

int esl_snprintf(char *buffer, size_t count, const char *fmt, ...)
{
    va_list ap;
    int length;

    va_start(ap, fmt);
    length = vsnprintf(buffer, count, fmt, ap);
    va_end(ap);
    return length;
}

int esl_event_add_header(void *event, int stack, const char *name, const char *fmt, ...)
{
    va_list ap;
    char *text = NULL;
    int length, status;

    if (!fmt) {
        return FAIL;
    }
    va_start(ap, fmt);
    length = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (length < 0) {
        return FAIL;
    }
    status = esl_event_add_header_string(event, stack, name, text);
    free(text);
    return status;
}

int esl_event_add_body(void *event, const char *fmt, ...)
{
    va_list ap;
    char *text = NULL;
    int length, status;

    if (!fmt) {
        return FAIL;
    }
    va_start(ap, fmt);
    length = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (length < 0) {
        return FAIL;
    }
    status = esl_event_set_body(event, text);
    free(text);
    return status;
}
