/**
 * @file esl.h
 * The event socket library for C: connect to FreeSWITCH, or let FreeSWITCH connect to you; send commands, receive
 * events. Include this one file (C++ programs may want esl_oop.h besides) and link with -lesl.
 *
 *     esl_handle_t handle = {{0}};
 *     if (esl_connect(&handle, "localhost", 8021, NULL, "ClueCon") == ESL_SUCCESS) {
 *         esl_send_recv(&handle, "api status\n\n");
 *         if (handle.last_sr_event && handle.last_sr_event->body) {
 *             puts(handle.last_sr_event->body);
 *         }
 *     }
 *     esl_disconnect(&handle);
 *
 * THREADS. Several threads may use one handle at once: usually one receives (esl_recv_event and friends) while others
 * send (esl_send, esl_send_recv, esl_execute, ...). A thread that sends and waits for a reply holds the handle's mutex
 * until the reply has arrived; a receiving thread releases it while it waits. The events that a handle points to
 * (last_event, last_ievent, last_sr_event) are replaced by the next call of their kind. To keep one, take it out
 * (`e = h.last_event; h.last_event = NULL`) and destroy it yourself. An event, a buffer and a config file are used by
 * one thread at a time. Different handles are independent.
 *
 * OWNERSHIP. The handle is your memory: zero it before its first use. It takes 68 KB, which matters on a small thread's
 * stack. esl_disconnect frees what it points to. Strings returned by esl_event_serialize, esl_event_serialize_json and
 * esl_vasprintf are yours: free() them. Other `const char *` results live as long as the object they come from, unless
 * their comment says that they are yours.
 *
 * WHERE THIS LIBRARY DIFFERS from the one that FreeSWITCH ships, on purpose:
 * 1.  ESL_STACK_UNSHIFT puts an element first; ESL_STACK_TOP makes a plain header.
 * 2.  A JSON event's body is never used as a format string.
 * 3.  Nothing is truncated: arguments of esl_execute, esl_filter, esl_events of any length; header blocks over 64 KB
 *     (up to 1 MB).
 * 4.  A line break in an argument that must be one line (application, uuid, filter, event list, user, password, header
 *     of an event that is sent) is refused: ESL_FAIL, a message in `err`, nothing sent. An application's argument with
 *     line breaks goes out as a body.
 * 5.  A late reply to an esl_send_recv_timed that timed out is dropped: each command gets its own reply.
 * 6.  Lines may end in LF or CRLF, and the CR is never part of a value; lines without a colon and blank lines before a
 *     message are skipped.
 * 7.  esl_listen listens on the host that it is given (the original: always on every interface). NULL, "", "*" and
 *     "0.0.0.0" mean every interface, and so does any host when SWITCHWIRE_LISTEN_ANY=1 is in the environment. So does a
 *     host that is not an address of this machine. A warning goes to esl_log when it listens on one address only, and
 *     when it falls back to every interface.
 * 8.  Short writes and interrupted system calls are handled; `err` and `errnum` are set; SIGPIPE is never raised.
 * 9.  No leak on a disconnect notice. A handle holds memory for the data in flight, not 6.5 MB from the start.
 * 10. A body may hold NUL bytes: serializing and sending a received event keeps them.
 * 11. The last header of an event counts even without a line break after it.
 * 12. A header's name ends at the first ": ", so that `variable_nolocal:x: y` keeps its name.
 * 13. What frames a message is its first plain Content-Length: neither `Content-Length[0]`, nor array text, nor an empty
 *     one after it counts, as no server writes them. (In an event they do count, as in the original.)
 * 14. A `%` without two hex digits after it stays as it is; the original decodes a single digit and drops the character
 *     after it.
 * 15. JSON that is not an object is not an event: last_ievent stays NULL, and esl_event_create_json returns ESL_FAIL.
 *     (The original makes an event without headers of a list, and returns ESL_SUCCESS when it made no event.)
 * 16. Queued messages (race_event) are still returned after the connection has ended; the original returns none of them.
 * 17. esl_connect takes IPv6 addresses.
 * 18. esl_event_set_priority returns ESL_FAIL for a number that is not a priority.
 * 19. Bytes from 0x80 on are percent-encoded correctly; the original indexes its table of digits with a negative number.
 * 20. race_event lists at most 256 messages; later ones are queued out of sight and follow in order.
 * 21. What is logged at level 7 holds no password.
 */
#ifndef SWITCHWIRE_ESL_H
#define SWITCHWIRE_ESL_H

#if !defined(_DEFAULT_SOURCE) && !defined(__cplusplus)
#define _DEFAULT_SOURCE 1
#endif

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Linkage -------------------------------------------------------------------------------------------------- */

#if defined(_WIN32)
#define ESL_DECLARE(type) __declspec(dllimport) type __stdcall
#define ESL_DECLARE_NONSTD(type) __declspec(dllimport) type __cdecl
#define ESL_DECLARE_DATA __declspec(dllimport)
#else
#define ESL_DECLARE(type) type
#define ESL_DECLARE_NONSTD(type) type
#define ESL_DECLARE_DATA
#endif

/* ---- Types ---------------------------------------------------------------------------------------------------- */

/** A port. Ports above 32767 are negative in this type and work all the same. */
typedef int16_t esl_port_t;
typedef size_t esl_size_t;
typedef ssize_t esl_ssize_t;
typedef int esl_socket_t;
typedef int esl_filehandle_t;

#define ESL_SOCK_INVALID -1

/** What most functions return. */
typedef enum {
    ESL_SUCCESS = 0,      /**< Done. */
    ESL_FAIL = 1,         /**< Not done. */
    ESL_BREAK = 2,        /**< The timeout passed, or another thread held the handle until then. */
    ESL_DISCONNECTED = 3, /**< Not connected. */
    ESL_GENERR = 4        /**< An argument is invalid. */
} esl_status_t;

/** What esl_wait_sock waits for. */
typedef enum { ESL_POLL_READ = 1, ESL_POLL_WRITE = 2, ESL_POLL_ERROR = 4 } esl_poll_t;

/** The format of events. */
typedef enum { ESL_EVENT_TYPE_PLAIN = 0, ESL_EVENT_TYPE_XML = 1, ESL_EVENT_TYPE_JSON = 2 } esl_event_type_t;

#define BUF_CHUNK (65536 * 50)
#define BUF_START (65536 * 100)

/** The longest body that is accepted; a longer one ends the connection. */
#define ESL_MAX_CONTENT_LENGTH (16 * 1024 * 1024)

#ifdef __cplusplus
}
#endif

#include "esl_threadmutex.h"
#include "esl_buffer.h"
#include "esl_json.h"
#include "esl_event.h"
#include "esl_config.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A connection. Read and write the fields that have a comment; leave the others alone.
 * Programs may fill one by hand: zero it, set `sock` and `connected`, esl_mutex_create(&h.mutex),
 * esl_buffer_create(&h.packet_buf, ...), then call esl_recv_event.
 */
typedef struct {
    struct sockaddr_storage sockaddr; /**< The server's address. */
    struct hostent hostent;
    char hostbuf[256];
    esl_socket_t sock;           /**< The socket. You may poll it; only this library may read from it. */
    char err[256];               /**< The last error's message. */
    int errnum;                  /**< The last error's errno; 0 when it was not a system error. */
    esl_buffer_t *packet_buf;    /**< Opaque: data received and not yet returned. */
    char socket_buf[65536];
    char last_reply[1024];       /**< Reply-Text of the last message received that had one. */
    char last_sr_reply[1024];    /**< Reply-Text of the last reply that esl_send_recv got. */
    esl_event_t *last_event;     /**< The last message received. */
    esl_event_t *last_sr_event;  /**< The last reply that esl_send_recv got. */
    esl_event_t *race_event;     /**< Messages that arrived while a command waited for its reply, by `next`: the first 256. */
    esl_event_t *last_ievent;    /**< The event that last_event carried; NULL when it carried none. */
    esl_event_t *info_event;     /**< Outbound: the channel's data, the reply to `connect`. */
    int connected;               /**< 1 while connected. */
    struct sockaddr_in addr;     /**< Outbound: the server's address. */
    esl_mutex_t *mutex;          /**< Recursive; held by a thread that sends and waits for a reply. */
    int async_execute;           /**< When not 0, esl_execute sends `async: true`. */
    int event_lock;              /**< When not 0, esl_execute sends `event-lock: true`. */
    int destroyed;               /**< 1 after esl_disconnect, until connected again. */
} esl_handle_t;

/* ---- Macros that programs use --------------------------------------------------------------------------------- */

#define esl_test_flag(obj, flag) ((obj)->flags & (flag))
#define esl_set_flag(obj, flag) ((obj)->flags |= (flag))
#define esl_clear_flag(obj, flag) ((obj)->flags &= ~(flag))

/** Copies a text into a buffer of n bytes, cut to fit. */
#define esl_copy_string(dest, source, n) snprintf((dest), (n), "%s", (source))
/** Copies a text into an array, cut to fit. */
#define esl_set_string(dest, source) snprintf((dest), sizeof(dest), "%s", (source))

/** Frees what is not NULL and makes the pointer NULL. */
#define esl_safe_free(pointer) \
    do {                       \
        if (pointer) {         \
            free(pointer);     \
            (pointer) = NULL;  \
        }                      \
    } while (0)

#define esl_strlen_zero(text) (!(text) || *(text) == '\0')
#define esl_strlen_zero_buf(text) (*(text) == '\0')
/** The last character of a text that is not empty. */
#define end_of(text) (*((text) + (*(text) ? strlen(text) - 1 : 0)))

#define esl_assert(expression) assert(expression)

/** The two arguments of a printf-like function that prints nothing. */
#define ESL_VA_NONE "%s", ""

#define ESL_SEQ_ESC "\033["
#define ESL_SEQ_HOME_CHAR 'H'
#define ESL_SEQ_HOME_CHAR_STR "H"
#define ESL_SEQ_CLEARLINE_CHAR '1'
#define ESL_SEQ_CLEARLINE_CHAR_STR "1"
#define ESL_SEQ_CLEARLINEEND_CHAR "K"
#define ESL_SEQ_CLEARSCR_CHAR0 '2'
#define ESL_SEQ_CLEARSCR_CHAR1 'J'
#define ESL_SEQ_CLEARSCR_CHAR "2J"
#define ESL_SEQ_DEFAULT_COLOR ESL_SEQ_ESC ESL_SEQ_END_COLOR
#define ESL_SEQ_AND_COLOR ";"
#define ESL_SEQ_END_COLOR "m"
#define ESL_SEQ_F_BLACK "30"
#define ESL_SEQ_F_RED "31"
#define ESL_SEQ_F_GREEN "32"
#define ESL_SEQ_F_YELLOW "33"
#define ESL_SEQ_F_BLUE "34"
#define ESL_SEQ_F_MAGEN "35"
#define ESL_SEQ_F_CYAN "36"
#define ESL_SEQ_F_WHITE "37"
#define ESL_SEQ_B_BLACK "40"
#define ESL_SEQ_B_RED "41"
#define ESL_SEQ_B_GREEN "42"
#define ESL_SEQ_B_YELLOW "43"
#define ESL_SEQ_B_BLUE "44"
#define ESL_SEQ_B_MAGEN "45"
#define ESL_SEQ_B_CYAN "46"
#define ESL_SEQ_B_WHITE "47"
#define ESL_SEQ_FBLACK ESL_SEQ_ESC ESL_SEQ_F_BLACK ESL_SEQ_END_COLOR
#define ESL_SEQ_FRED ESL_SEQ_ESC ESL_SEQ_F_RED ESL_SEQ_END_COLOR
#define ESL_SEQ_FGREEN ESL_SEQ_ESC ESL_SEQ_F_GREEN ESL_SEQ_END_COLOR
#define ESL_SEQ_FYELLOW ESL_SEQ_ESC ESL_SEQ_F_YELLOW ESL_SEQ_END_COLOR
#define ESL_SEQ_FBLUE ESL_SEQ_ESC ESL_SEQ_F_BLUE ESL_SEQ_END_COLOR
#define ESL_SEQ_FMAGEN ESL_SEQ_ESC ESL_SEQ_F_MAGEN ESL_SEQ_END_COLOR
#define ESL_SEQ_FCYAN ESL_SEQ_ESC ESL_SEQ_F_CYAN ESL_SEQ_END_COLOR
#define ESL_SEQ_FWHITE ESL_SEQ_ESC ESL_SEQ_F_WHITE ESL_SEQ_END_COLOR
#define ESL_SEQ_BBLACK ESL_SEQ_ESC ESL_SEQ_B_BLACK ESL_SEQ_END_COLOR
#define ESL_SEQ_BRED ESL_SEQ_ESC ESL_SEQ_B_RED ESL_SEQ_END_COLOR
#define ESL_SEQ_BGREEN ESL_SEQ_ESC ESL_SEQ_B_GREEN ESL_SEQ_END_COLOR
#define ESL_SEQ_BYELLOW ESL_SEQ_ESC ESL_SEQ_B_YELLOW ESL_SEQ_END_COLOR
#define ESL_SEQ_BBLUE ESL_SEQ_ESC ESL_SEQ_B_BLUE ESL_SEQ_END_COLOR
#define ESL_SEQ_BMAGEN ESL_SEQ_ESC ESL_SEQ_B_MAGEN ESL_SEQ_END_COLOR
#define ESL_SEQ_BCYAN ESL_SEQ_ESC ESL_SEQ_B_CYAN ESL_SEQ_END_COLOR
#define ESL_SEQ_BWHITE ESL_SEQ_ESC ESL_SEQ_B_WHITE ESL_SEQ_END_COLOR
#define ESL_SEQ_HOME ESL_SEQ_ESC ESL_SEQ_HOME_CHAR_STR
#define ESL_SEQ_CLEARLINE ESL_SEQ_ESC ESL_SEQ_CLEARLINE_CHAR_STR
#define ESL_SEQ_CLEARLINEEND ESL_SEQ_ESC ESL_SEQ_CLEARLINEEND_CHAR
#define ESL_SEQ_CLEARSCR ESL_SEQ_ESC ESL_SEQ_CLEARSCR_CHAR ESL_SEQ_HOME

/* ---- Logging -------------------------------------------------------------------------------------------------- */

#define ESL_PRE __FILE__, __func__, __LINE__
#define ESL_LOG_LEVEL_DEBUG 7
#define ESL_LOG_LEVEL_INFO 6
#define ESL_LOG_LEVEL_NOTICE 5
#define ESL_LOG_LEVEL_WARNING 4
#define ESL_LOG_LEVEL_ERROR 3
#define ESL_LOG_LEVEL_CRIT 2
#define ESL_LOG_LEVEL_ALERT 1
#define ESL_LOG_LEVEL_EMERG 0

/** The first arguments of esl_log: the place in the source, and the level. */
#define ESL_LOG_DEBUG ESL_PRE, ESL_LOG_LEVEL_DEBUG
#define ESL_LOG_INFO ESL_PRE, ESL_LOG_LEVEL_INFO
#define ESL_LOG_NOTICE ESL_PRE, ESL_LOG_LEVEL_NOTICE
#define ESL_LOG_WARNING ESL_PRE, ESL_LOG_LEVEL_WARNING
#define ESL_LOG_ERROR ESL_PRE, ESL_LOG_LEVEL_ERROR
#define ESL_LOG_CRIT ESL_PRE, ESL_LOG_LEVEL_CRIT
#define ESL_LOG_ALERT ESL_PRE, ESL_LOG_LEVEL_ALERT
#define ESL_LOG_EMERG ESL_PRE, ESL_LOG_LEVEL_EMERG

/** A logger; called with a printf-like format. */
typedef void (*esl_logger_t)(const char *file, const char *func, int line, int level, const char *fmt, ...);

/** The logger in use: `esl_log(ESL_LOG_INFO, "ready %d\n", n)`. The initial one drops everything. The library itself logs
 *  at level 7 what it sends (SEND; a login without its password) and receives (RECV HEADER, RECV INNER HEADER, RECV EVENT,
 *  RECV MESSAGE), and warns at level 4. */
extern ESL_DECLARE_DATA esl_logger_t esl_log;

/** Sets the logger; NULL sets the one that drops everything. Not thread-safe: call it while no other thread logs. */
ESL_DECLARE(void) esl_global_set_logger(esl_logger_t logger);

/** Sets a logger that writes `[LEVEL] file:line func() message` to stderr for messages of that level and the more severe
 *  ones. An invalid level means 7. Not thread-safe: call it while no other thread logs. */
ESL_DECLARE(void) esl_global_set_default_logger(int level);

/* ---- Text helpers (any thread) -------------------------------------------------------------------------------- */

/** As vasprintf. *ret is yours: free() it; NULL after a failure (-1). */
ESL_DECLARE(int) esl_vasprintf(char **ret, const char *fmt, va_list ap);

/** As snprintf. */
ESL_DECLARE_NONSTD(int) esl_snprintf(char *buffer, size_t count, const char *fmt, ...);

/** Percent-encodes `url` into `buf` of `len` bytes, as event headers are. Stops before the first character that does not
 *  fit; returns the number of bytes written, without the NUL. */
ESL_DECLARE(size_t) esl_url_encode(const char *url, char *buf, size_t len);

/** Decodes %XX in place and returns `s`; a `%` without two hex digits after it stays. */
ESL_DECLARE(char *) esl_url_decode(char *s);

/** The first occurrence of `instr` in `str`, in any letter case; NULL when there is none, or `instr` is empty. */
ESL_DECLARE(const char *) esl_stristr(const char *instr, const char *str);

/** Upper and lower case of ASCII letters, in any locale. */
ESL_DECLARE(int) esl_toupper(int c);
ESL_DECLARE(int) esl_tolower(int c);

/** Splits `buf` in place at every `delim`, filling `array` with at most `arraylen` pointers into it; the last one holds
 *  the rest. Returns the number of pieces. */
ESL_DECLARE(unsigned int)
esl_separate_string_string(char *buf, const char *delim, char **array, unsigned int arraylen);

/** 1 when the text means yes (yes, on, true, enabled, active, allow, a number that is not 0). */
static __inline__ int esl_true(const char *expr)
{
    return expr && (!strcasecmp(expr, "yes") || !strcasecmp(expr, "on") || !strcasecmp(expr, "true") ||
                    !strcasecmp(expr, "enabled") || !strcasecmp(expr, "active") || !strcasecmp(expr, "allow") ||
                    atoi(expr) != 0);
}

/** 1 when the text means no (no, off, false, disabled, inactive, disallow, the number 0). */
static __inline__ int esl_false(const char *expr)
{
    return expr && (!strcasecmp(expr, "no") || !strcasecmp(expr, "off") || !strcasecmp(expr, "false") ||
                    !strcasecmp(expr, "disabled") || !strcasecmp(expr, "inactive") || !strcasecmp(expr, "disallow") ||
                    (isdigit((unsigned char)*expr) && atoi(expr) == 0));
}

/** strcasecmp; 1 (different) when either is NULL. */
static __inline__ int esl_safe_strcasecmp(const char *s1, const char *s2)
{
    return s1 && s2 ? strcasecmp(s1, s2) : 1;
}

/* ---- Connecting ----------------------------------------------------------------------------------------------- */

/**
 * Connects and logs in. The reply to the login becomes last_event, also when it refuses the login.
 * @param handle zeroed, or disconnected before
 * @param host name or address
 * @param port the port
 * @param user `user@domain`; NULL or "" to log in with the password alone
 * @param password the password
 * @param timeout milliseconds for the TCP connection, and again for each of the server's two messages; 0: no limit
 * @return ESL_SUCCESS; else ESL_FAIL, the handle is disconnected, and `err` is "Cannot resolve host", "Socket
 *         Connection Error", "Connection timed out", "Connection Error", "Authentication Error", or names the
 *         argument that holds a line break.
 */
ESL_DECLARE(esl_status_t)
esl_connect_timeout(esl_handle_t *handle, const char *host, esl_port_t port, const char *user, const char *password,
                    uint32_t timeout);
#define esl_connect(handle, host, port, user, password) \
    esl_connect_timeout((handle), (host), (port), (user), (password), 0)

/**
 * Takes over a connection that FreeSWITCH made to this program (outbound mode): sends `connect` and keeps the reply, the
 * channel's data, as info_event. Waits for the reply indefinitely.
 * @param handle zeroed, or disconnected before
 * @param socket the accepted socket; closed by esl_disconnect
 * @param addr the peer's address, copied; may be NULL
 * @return ESL_SUCCESS; else ESL_FAIL and the handle is disconnected (the socket closed).
 */
ESL_DECLARE(esl_status_t) esl_attach_handle(esl_handle_t *handle, esl_socket_t socket, struct sockaddr_in *addr);

/**
 * Closes the socket, frees every event that the handle points to, zeroes the handle and sets `destroyed`. Ends the
 * waits of other threads on this handle. ESL_FAIL when the handle is already disconnected.
 */
ESL_DECLARE(esl_status_t) esl_disconnect(esl_handle_t *handle);

/* ---- Sending (any thread) ------------------------------------------------------------------------------------- */

/** Sends a command as it is, adding the blank line at its end when it is missing. Does not wait: the reply arrives as a
 *  message. ESL_FAIL when not connected. */
ESL_DECLARE(esl_status_t) esl_send(esl_handle_t *handle, const char *cmd);

/**
 * Sends a command and waits for its reply, which becomes last_sr_event (and its Reply-Text last_sr_reply). Messages that
 * arrive before it are queued on race_event, for esl_recv_event with check_q.
 * @param ms timeout in milliseconds for the whole call; 0: no limit
 * @return ESL_SUCCESS when there is a reply (-ERR included); ESL_BREAK after the timeout (the late reply will be
 *         dropped); ESL_FAIL when the connection has ended.
 */
ESL_DECLARE(esl_status_t) esl_send_recv_timed(esl_handle_t *handle, const char *cmd, uint32_t ms);
#define esl_send_recv(handle, cmd) esl_send_recv_timed((handle), (cmd), 0)

/**
 * Runs a dialplan application on a channel and waits for the reply, not for the application to end.
 * @param app the application; NULL for none
 * @param arg its argument; NULL for none; sent as a body when it holds line breaks
 * @param uuid the channel; NULL on a connection that is bound to one
 */
ESL_DECLARE(esl_status_t) esl_execute(esl_handle_t *handle, const char *app, const char *arg, const char *uuid);

/** Fires the event in the server, and waits for the reply. The event stays yours. */
ESL_DECLARE(esl_status_t) esl_sendevent(esl_handle_t *handle, esl_event_t *event);

/** Sends the event's headers and body to a channel, and waits for the reply. The event stays yours.
 *  @param uuid the channel; NULL on a connection that is bound to one */
ESL_DECLARE(esl_status_t) esl_sendmsg(esl_handle_t *handle, esl_event_t *event, const char *uuid);

/** From now on only events with that header and value are sent; with several filters, those that match any of them.
 *  Waits for the reply. */
ESL_DECLARE(esl_status_t) esl_filter(esl_handle_t *handle, const char *header, const char *value);

/** Subscribes to events, e.g. "CHANNEL_ANSWER CUSTOM conference::maintenance" (CUSTOM and its subclasses last). Waits for
 *  the reply. */
ESL_DECLARE(esl_status_t) esl_events(esl_handle_t *handle, esl_event_type_t etype, const char *value);

/* ---- Receiving ------------------------------------------------------------------------------------------------ */

/**
 * Waits for the next message, for at most ms milliseconds; indefinitely when ms is 0.
 * @param check_q when not 0, the messages queued on race_event are returned first
 * @param save_event when not NULL, the message goes there and is yours: esl_event_destroy it. When NULL it becomes
 *        last_event, and the event that it carries (text/event-plain, text/event-json) becomes last_ievent; the previous
 *        ones are freed.
 * @return ESL_SUCCESS; ESL_BREAK after the timeout, also when another thread held the handle until then; ESL_FAIL when
 *         the connection has ended (`connected` is 0 then): closed by the server, a socket error, a disconnect notice
 *         without `linger` (it is last_event then; with save_event the notice is received like any message, and the
 *         next call fails), a Content-Length that is negative or above ESL_MAX_CONTENT_LENGTH.
 */
ESL_DECLARE(esl_status_t)
esl_recv_event_timed(esl_handle_t *handle, uint32_t ms, int check_q, esl_event_t **save_event);
/** As esl_recv_event_timed, without a timeout. */
ESL_DECLARE(esl_status_t) esl_recv_event(esl_handle_t *handle, int check_q, esl_event_t **save_event);
#define esl_recv(handle) esl_recv_event((handle), 0, NULL)
#define esl_recv_timed(handle, ms) esl_recv_event_timed((handle), (ms), 0, NULL)

/**
 * Waits at most ms milliseconds for a socket.
 * @return the flags that are ready; 0 after the timeout; -1 when the socket is invalid.
 */
ESL_DECLARE(int) esl_wait_sock(esl_socket_t sock, uint32_t ms, esl_poll_t flags);

/* ---- Listening (outbound mode) -------------------------------------------------------------------------------- */

/** Called for each connection. client_sock is yours (pass it to esl_attach_handle, or close it); it is non-blocking.
 *  addr is valid during the call. */
typedef void (*esl_listen_callback_t)(esl_socket_t server_sock, esl_socket_t client_sock, struct sockaddr_in *addr,
                                      void *user_data);

/**
 * Listens and calls back in this thread, one connection after another; a callback may fork().
 * @param host where to listen; NULL, "", "*" and "0.0.0.0" mean every interface. A FreeSWITCH on another machine does
 *        not reach "localhost": see the environment variable SWITCHWIRE_LISTEN_ANY above.
 * @param port where to listen; 0 lets the system choose
 * @param server_sockP when not NULL, set to the listening socket before the first connection: shutdown() it in another
 *        thread or a signal handler to make this function return
 * @return ESL_FAIL when listening ends, or could not start.
 */
ESL_DECLARE(esl_status_t)
esl_listen(const char *host, esl_port_t port, esl_listen_callback_t callback, void *user_data,
           esl_socket_t *server_sockP);

/** As esl_listen, with a detached thread per connection. `max` is the listen backlog: how many connections may wait to be
 *  accepted. */
ESL_DECLARE(esl_status_t)
esl_listen_threaded(const char *host, esl_port_t port, esl_listen_callback_t callback, void *user_data, int max);

#ifdef __cplusplus
}
#endif

#endif
