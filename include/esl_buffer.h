/**
 * @file esl_buffer.h
 * A byte queue. A buffer belongs to one thread at a time. The buffer of a handle (packet_buf) also holds what the handle
 * has received; leave it alone once the handle is in use.
 */
#include "esl.h"

#ifndef SWITCHWIRE_ESL_BUFFER_H
#define SWITCHWIRE_ESL_BUFFER_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct esl_buffer esl_buffer_t;

/**
 * Makes a buffer; it is yours: esl_buffer_destroy it. Memory is taken as bytes come, not beforehand.
 * @param blocksize how much its size grows at least
 * @param start_len the size that it begins with
 * @param max_len the most bytes that may be in it; 0: no limit
 */
ESL_DECLARE(esl_status_t)
esl_buffer_create(esl_buffer_t **buffer, esl_size_t blocksize, esl_size_t start_len, esl_size_t max_len);

/** Frees a buffer and sets the pointer to NULL. NULL is nothing. */
ESL_DECLARE(void) esl_buffer_destroy(esl_buffer_t **buffer);

/** The size of the buffer. */
ESL_DECLARE(esl_size_t) esl_buffer_len(esl_buffer_t *buffer);

/** How many bytes may still be written; 1000000 when there is no limit. */
ESL_DECLARE(esl_size_t) esl_buffer_freespace(esl_buffer_t *buffer);

/** How many bytes are there to be read. */
ESL_DECLARE(esl_size_t) esl_buffer_inuse(esl_buffer_t *buffer);

/** Reads up to datalen bytes and takes them away; returns how many. */
ESL_DECLARE(esl_size_t) esl_buffer_read(esl_buffer_t *buffer, void *data, esl_size_t datalen);

/** Reads the first packet (what is before the first blank line, and the blank line), up to maxlen bytes; 0 when no packet
 *  is complete. */
ESL_DECLARE(esl_size_t) esl_buffer_read_packet(esl_buffer_t *buffer, void *data, esl_size_t maxlen);

/** How many complete packets are there. */
ESL_DECLARE(esl_size_t) esl_buffer_packet_count(esl_buffer_t *buffer);

/** As esl_buffer_read; at the end begins anew with what was written, as often as esl_buffer_set_loops said. */
ESL_DECLARE(esl_size_t) esl_buffer_read_loop(esl_buffer_t *buffer, void *data, esl_size_t datalen);

/** How often esl_buffer_read_loop begins anew; a negative number: always. */
ESL_DECLARE(void) esl_buffer_set_loops(esl_buffer_t *buffer, int32_t loops);

/** Appends; returns how many bytes are there now, 0 (and nothing is written) when max_len leaves no room. */
ESL_DECLARE(esl_size_t) esl_buffer_write(esl_buffer_t *buffer, const void *data, esl_size_t datalen);

/** As esl_buffer_write, but when there is no room the buffer is emptied first. */
ESL_DECLARE(esl_size_t) esl_buffer_zwrite(esl_buffer_t *buffer, const void *data, esl_size_t datalen);

/** Takes up to datalen bytes away unread; returns how many are left. */
ESL_DECLARE(esl_size_t) esl_buffer_toss(esl_buffer_t *buffer, esl_size_t datalen);

/** Takes up to datalen bytes away unread; returns how many that were. */
ESL_DECLARE(esl_size_t) esl_buffer_seek(esl_buffer_t *buffer, esl_size_t datalen);

/** Takes everything away. */
ESL_DECLARE(void) esl_buffer_zero(esl_buffer_t *buffer);

#ifdef __cplusplus
}
#endif

#endif
