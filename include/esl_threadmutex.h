/**
 * @file esl_threadmutex.h
 * Recursive mutexes and detached threads. All functions may be called from any thread.
 */
#include "esl.h"

#ifndef SWITCHWIRE_ESL_THREADMUTEX_H
#define SWITCHWIRE_ESL_THREADMUTEX_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct esl_mutex esl_mutex_t;
typedef struct esl_thread esl_thread_t;

/** A thread's function; its result is ignored. `thread` is valid during the call. */
typedef void *(*esl_thread_function_t)(esl_thread_t *thread, void *data);

/** Starts a detached thread. `data` stays yours. */
ESL_DECLARE(esl_status_t) esl_thread_create_detached(esl_thread_function_t func, void *data);

/** As esl_thread_create_detached, with a stack of that many bytes; 0 is the system's default. */
ESL_DECLARE(esl_status_t)
esl_thread_create_detached_ex(esl_thread_function_t func, void *data, size_t stack_size);

/** The stack size of new threads. 0, the initial value, is the system's default. */
extern ESL_DECLARE_DATA size_t thread_default_stacksize;

/** Sets thread_default_stacksize. */
ESL_DECLARE(void) esl_thread_override_default_stacksize(size_t size);

/** Makes a recursive mutex; it is yours: esl_mutex_destroy it. */
ESL_DECLARE(esl_status_t) esl_mutex_create(esl_mutex_t **mutex);

/** Destroys a mutex that no thread holds, and sets the pointer to NULL. */
ESL_DECLARE(esl_status_t) esl_mutex_destroy(esl_mutex_t **mutex);

/** Locks; waits indefinitely. */
ESL_DECLARE(esl_status_t) esl_mutex_lock(esl_mutex_t *mutex);

/** Locks without waiting; ESL_FAIL when another thread holds it. */
ESL_DECLARE(esl_status_t) esl_mutex_trylock(esl_mutex_t *mutex);

/** Unlocks; once per lock. */
ESL_DECLARE(esl_status_t) esl_mutex_unlock(esl_mutex_t *mutex);

#ifdef __cplusplus
}
#endif

#endif
