/**
 * @file esl_buffer.h
 * A byte queue. A buffer is used by one thread at a time. The buffer of a handle (packet_buf) also holds the data that
 * the handle has received; leave it alone once the handle is in use.
 */
#include "esl.h"

#ifndef SWITCHWIRE_ESL_BUFFER_H
#define SWITCHWIRE_ESL_BUFFER_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct esl_buffer esl_buffer_t;

/**
 * Makes a buffer; it is yours: esl_buffer_destroy it. Memory is allocated as bytes are written, not in advance.
 * @param blocksize the least amount by which its size grows
 * @param start_len its initial size
 * @param max_len the largest number of bytes in it; 0: no limit
 */
ESL_DECLARE(esl_status_t)
esl_buffer_create(esl_buffer_t **buffer, esl_size_t blocksize, esl_size_t start_len, esl_size_t max_len);

/** Frees a buffer and sets the pointer to NULL. NULL is ignored. */
ESL_DECLARE(void) esl_buffer_destroy(esl_buffer_t **buffer);

/** The size of the buffer. */
ESL_DECLARE(esl_size_t) esl_buffer_len(esl_buffer_t *buffer);

/** How many more bytes fit; 1000000 when there is no limit. */
ESL_DECLARE(esl_size_t) esl_buffer_freespace(esl_buffer_t *buffer);

/** The number of unread bytes. */
ESL_DECLARE(esl_size_t) esl_buffer_inuse(esl_buffer_t *buffer);

/** Reads and removes up to datalen bytes; returns how many. */
ESL_DECLARE(esl_size_t) esl_buffer_read(esl_buffer_t *buffer, void *data, esl_size_t datalen);

/** Reads and removes the first packet (up to and including the first blank line), up to maxlen bytes; 0 when no packet is
 *  complete. */
ESL_DECLARE(esl_size_t) esl_buffer_read_packet(esl_buffer_t *buffer, void *data, esl_size_t maxlen);

/** The number of complete packets. */
ESL_DECLARE(esl_size_t) esl_buffer_packet_count(esl_buffer_t *buffer);

/** As esl_buffer_read; at the end starts over with the data that was written, as often as esl_buffer_set_loops set. */
ESL_DECLARE(esl_size_t) esl_buffer_read_loop(esl_buffer_t *buffer, void *data, esl_size_t datalen);

/** Sets how often esl_buffer_read_loop starts over; a negative number: without limit. */
ESL_DECLARE(void) esl_buffer_set_loops(esl_buffer_t *buffer, int32_t loops);

/** Appends; returns the number of unread bytes, or 0 (and writes nothing) when they would exceed max_len. */
ESL_DECLARE(esl_size_t) esl_buffer_write(esl_buffer_t *buffer, const void *data, esl_size_t datalen);

/** As esl_buffer_write, but empties the buffer first when there is no room. */
ESL_DECLARE(esl_size_t) esl_buffer_zwrite(esl_buffer_t *buffer, const void *data, esl_size_t datalen);

/** Drops up to datalen unread bytes; returns how many are left. */
ESL_DECLARE(esl_size_t) esl_buffer_toss(esl_buffer_t *buffer, esl_size_t datalen);

/** Moves the read position to datalen bytes from where the data begins, at most as many as are unread; returns the
 *  position. Data that was read already can be read again. */
ESL_DECLARE(esl_size_t) esl_buffer_seek(esl_buffer_t *buffer, esl_size_t datalen);

/** Empties the buffer. */
ESL_DECLARE(void) esl_buffer_zero(esl_buffer_t *buffer);

#ifdef __cplusplus
}
#endif

#endif
