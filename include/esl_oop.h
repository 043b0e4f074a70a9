/**
 * @file esl_oop.h
 * The classic C++ classes, inline over the C functions: ESLconnection and ESLevent. SWIG reads this file as it is.
 *
 *     ESLconnection con("localhost", "8021", "ClueCon");
 *     con.events("plain", "CHANNEL_ANSWER");
 *     while (con.connected()) {
 *         ESLevent *e = con.recvEvent();
 *         std::puts(e->serialize());
 *         delete e;
 *     }
 *
 * OWNERSHIP. Every ESLevent pointer that a method returns is yours: delete it. (getInfo returns a copy, yours as well.)
 * NULL means that there is no event. Strings returned by an ESLevent belong to it: those of getHeader and getBody live
 * until that header or body is changed, that of serialize until the next serialize.
 * THREADS. One thread may receive from a connection while others send; an event is used by one thread at a time.
 */
#ifndef SWITCHWIRE_ESL_OOP_H
#define SWITCHWIRE_ESL_OOP_H

#include "esl.h"

/** An event. */
class ESLevent
{
  private:
    esl_event_header_t *hp;

    static esl_event_types_t type_of(const char *name)
    {
        esl_event_types_t type;
        if (!name || esl_name_event(name, &type) != ESL_SUCCESS) {
            type = ESL_EVENT_MESSAGE;
        }
        return type;
    }

    void begin()
    {
        hp = NULL;
        event = NULL;
        serialized_string = NULL;
        mine = 0;
    }

    ESLevent &operator=(const ESLevent &other);

  public:
    esl_event_t *event;      /**< The event, for the C functions. */
    char *serialized_string; /**< The last result of serialize. */
    int mine;                /**< Whether the event is freed with this object. */

    /** An event of that type (MESSAGE when the type is unknown). With a subclass it is CUSTOM, whatever the type. With the
     *  type "json" it is parsed from the second argument, JSON text. */
    ESLevent(const char *type, const char *subclass_name = NULL)
    {
        begin();
        if (type && !strcasecmp(type, "json") && !esl_strlen_zero(subclass_name)) {
            if (esl_event_create_json(&event, subclass_name) != ESL_SUCCESS) {
                esl_event_create(&event, ESL_EVENT_MESSAGE);
            }
        } else {
            esl_event_types_t event_id = type_of(type);
            if (!esl_strlen_zero(subclass_name) && event_id != ESL_EVENT_CUSTOM) {
                esl_log(ESL_LOG_WARNING, "Changing event type to custom because you specified a subclass name!\n");
                event_id = ESL_EVENT_CUSTOM;
            }
            esl_event_create_subclass(&event, event_id, esl_strlen_zero(subclass_name) ? NULL : subclass_name);
        }
        mine = 1;
    }

    /** Wraps an event; with free_me it is freed with this object. */
    ESLevent(esl_event_t *wrap_me, int free_me = 0)
    {
        begin();
        event = wrap_me;
        mine = free_me;
    }

    /** Takes over the event of the other object, which is left without one. */
    ESLevent(ESLevent *me)
    {
        begin();
        if (me) {
            event = me->event;
            mine = me->mine;
            me->event = NULL;
            me->mine = 0;
            esl_safe_free(me->serialized_string);
        }
    }

    /** A copy. */
    ESLevent(const ESLevent &other)
    {
        begin();
        if (other.event && esl_event_dup(&event, other.event) == ESL_SUCCESS) {
            mine = 1;
        }
    }

    virtual ~ESLevent()
    {
        esl_safe_free(serialized_string);
        if (mine && event) {
            esl_event_destroy(&event);
        }
    }

    /** The event as text: "json", else plain header lines, percent-encoded. */
    const char *serialize(const char *format = NULL)
    {
        esl_safe_free(serialized_string);
        if (!event) {
            return "";
        }
        if (format && !strcasecmp(format, "json")) {
            esl_event_serialize_json(event, &serialized_string);
        } else {
            esl_event_serialize(event, &serialized_string, ESL_TRUE);
        }
        return serialized_string ? serialized_string : "";
    }

    /** Sets the priority and its header. */
    bool setPriority(esl_priority_t priority = ESL_PRIORITY_NORMAL)
    {
        return event && esl_event_set_priority(event, priority) == ESL_SUCCESS;
    }

    /** The first header of that name, or one element of it; NULL when there is none. */
    const char *getHeader(const char *header_name, int idx = -1)
    {
        return event && header_name ? esl_event_get_header_idx(event, header_name, idx) : NULL;
    }

    /** The body; NULL when there is none. */
    char *getBody(void)
    {
        return event ? esl_event_get_body(event) : NULL;
    }

    /** The name of the type. */
    const char *getType(void)
    {
        const char *name = event ? esl_event_name(event->event_id) : NULL;
        return name ? name : "invalid";
    }

    /** Replaces the body. */
    bool addBody(const char *value)
    {
        return event && value && esl_event_set_body(event, value) == ESL_SUCCESS;
    }

    /** Appends a header; an empty value removes it. */
    bool addHeader(const char *header_name, const char *value)
    {
        return add(ESL_STACK_BOTTOM, header_name, value);
    }

    /** Appends to the array of that name. */
    bool pushHeader(const char *header_name, const char *value)
    {
        return add(ESL_STACK_PUSH, header_name, value);
    }

    /** Prepends to the array of that name. */
    bool unshiftHeader(const char *header_name, const char *value)
    {
        return add(ESL_STACK_UNSHIFT, header_name, value);
    }

    /** Removes every header of that name. */
    bool delHeader(const char *header_name)
    {
        return event && header_name && esl_event_del_header(event, header_name) == ESL_SUCCESS;
    }

    /** The name of the first header; nextHeader goes on from there. */
    const char *firstHeader(void)
    {
        hp = event ? event->headers : NULL;
        return hp ? hp->name : NULL;
    }

    /** The name of the next header; NULL after the last. */
    const char *nextHeader(void)
    {
        hp = hp ? hp->next : NULL;
        return hp ? hp->name : NULL;
    }

  private:
    bool add(esl_stack_t stack, const char *name, const char *value)
    {
        return event && name && value && esl_event_add_header_string(event, stack, name, value) == ESL_SUCCESS;
    }
};

/** A connection. */
class ESLconnection
{
  private:
    esl_handle_t handle;

    ESLconnection(const ESLconnection &other);
    ESLconnection &operator=(const ESLconnection &other);

    void begin()
    {
        memset(static_cast<void *>(&handle), 0, sizeof(handle));
    }

    static esl_port_t port_of(int port)
    {
        return static_cast<esl_port_t>(port);
    }

    void open(const char *host, int port, const char *user, const char *password)
    {
        begin();
        esl_connect(&handle, host, port_of(port), user, password);
    }

    /** Takes an event out of the handle. */
    static ESLevent *take(esl_event_t **place)
    {
        esl_event_t *event = *place;
        *place = NULL;
        return event ? new ESLevent(event, 1) : NULL;
    }

    /** The reply to the command just sent. It is taken while the handle's mutex is held: the next command, of another
     *  thread, replaces it. */
    ESLevent *reply(esl_status_t status)
    {
        return status == ESL_SUCCESS ? take(&handle.last_sr_event) : NULL;
    }

    /** Holds the handle's mutex from a command until its result is taken. */
    class Hold
    {
      private:
        esl_mutex_t *mutex;
        Hold(const Hold &other);
        Hold &operator=(const Hold &other);

      public:
        explicit Hold(esl_handle_t &handle) : mutex(handle.connected ? handle.mutex : NULL)
        {
            if (mutex) {
                esl_mutex_lock(mutex);
            }
        }
        ~Hold()
        {
            if (mutex) {
                esl_mutex_unlock(mutex);
            }
        }
    };

    ESLevent *ask(const char *first, const char *second, const char *third)
    {
        size_t size = strlen(first) + strlen(second) + strlen(third) + 1;
        char *cmd = static_cast<char *>(malloc(size));
        if (!cmd) {
            return NULL;
        }
        snprintf(cmd, size, "%s%s%s", first, second, third);
        ESLevent *event = sendRecv(cmd);
        free(cmd);
        return event;
    }

    static bool one_line(const char *text)
    {
        return !text || !strpbrk(text, "\r\n");
    }

    static ESLevent *disconnected()
    {
        return new ESLevent("SERVER_DISCONNECTED");
    }

  public:
    /** Connects and logs in; check connected(). */
    ESLconnection(const char *host, const int port, const char *user, const char *password)
    {
        open(host, port, user, password);
    }
    ESLconnection(const char *host, const int port, const char *password)
    {
        open(host, port, NULL, password);
    }
    ESLconnection(const char *host, const char *port, const char *user, const char *password)
    {
        open(host, port ? atoi(port) : 0, user, password);
    }
    ESLconnection(const char *host, const char *port, const char *password)
    {
        open(host, port ? atoi(port) : 0, NULL, password);
    }
    /** Outbound mode: takes over a connection that FreeSWITCH made to this program. */
    ESLconnection(int socket)
    {
        begin();
        esl_attach_handle(&handle, static_cast<esl_socket_t>(socket), NULL);
    }

    virtual ~ESLconnection()
    {
        if (!handle.destroyed) {
            esl_disconnect(&handle);
        }
    }

    /** The socket, to be polled; -1 when not connected. poll does not see events that were received already: call
     *  recvEventTimed until it returns NULL. */
    int socketDescriptor()
    {
        return handle.connected ? static_cast<int>(handle.sock) : -1;
    }

    /** 1 or 0. */
    int connected()
    {
        return handle.connected ? 1 : 0;
    }

    /** Outbound mode: a copy of the channel's data; else NULL. */
    ESLevent *getInfo()
    {
        esl_event_t *event = NULL;
        if (handle.connected && handle.info_event && esl_event_dup(&event, handle.info_event) == ESL_SUCCESS) {
            return new ESLevent(event, 1);
        }
        return NULL;
    }

    /** Sends, does not wait. 0 when sent. */
    int send(const char *cmd)
    {
        return esl_send(&handle, cmd);
    }

    /** Sends and waits for the reply. */
    ESLevent *sendRecv(const char *cmd)
    {
        if (!handle.connected) {
            return NULL;
        }
        Hold hold(handle);
        return reply(esl_send_recv(&handle, cmd));
    }

    /** `api CMD ARG`; the reply has the body. */
    ESLevent *api(const char *cmd, const char *arg = NULL)
    {
        if (!cmd || !one_line(cmd) || !one_line(arg)) {
            return NULL;
        }
        char *start = NULL;
        size_t size = strlen(cmd) + 6;
        start = static_cast<char *>(malloc(size));
        if (!start) {
            return NULL;
        }
        snprintf(start, size, "api %s ", cmd);
        ESLevent *event = ask(start, arg ? arg : "", "");
        free(start);
        return event;
    }

    /** `bgapi CMD ARG`; the reply has the Job-UUID. */
    ESLevent *bgapi(const char *cmd, const char *arg = NULL, const char *job_uuid = NULL)
    {
        if (!cmd || !one_line(cmd) || !one_line(arg) || !one_line(job_uuid)) {
            return NULL;
        }
        size_t size = strlen(cmd) + (arg ? strlen(arg) : 0) + 9;
        char *start = static_cast<char *>(malloc(size));
        if (!start) {
            return NULL;
        }
        snprintf(start, size, "bgapi %s %s", cmd, arg ? arg : "");
        ESLevent *event = ask(start, job_uuid ? "\nJob-UUID: " : "", job_uuid ? job_uuid : "");
        free(start);
        return event;
    }

    /** Fires the event. Not connected: an event of type SERVER_DISCONNECTED. */
    ESLevent *sendEvent(ESLevent *send_me)
    {
        if (!handle.connected || !send_me) {
            return disconnected();
        }
        Hold hold(handle);
        ESLevent *event = reply(esl_sendevent(&handle, send_me->event));
        return event || handle.connected ? event : disconnected();
    }

    /** Sends the event to a channel; 0 when the server has replied. */
    int sendMSG(ESLevent *send_me, const char *uuid = NULL)
    {
        return send_me && esl_sendmsg(&handle, send_me->event, uuid) == ESL_SUCCESS ? 0 : 1;
    }

    /** Waits for the next event, or message without an event. Not connected: an event of type SERVER_DISCONNECTED. */
    ESLevent *recvEvent()
    {
        ESLevent *event = receive(0);
        return event ? event : disconnected();
    }

    /** As recvEvent, with a timeout in milliseconds (0: no limit); NULL after the timeout. */
    ESLevent *recvEventTimed(int ms)
    {
        return receive(ms < 0 ? 0 : static_cast<uint32_t>(ms));
    }

    /** From now on only events with that header and value are sent. */
    ESLevent *filter(const char *header, const char *value)
    {
        if (!handle.connected) {
            return NULL;
        }
        Hold hold(handle);
        return reply(esl_filter(&handle, header, value));
    }

    /** Subscribes: "plain", "xml" or "json", and the names. 0 when the server has replied. */
    int events(const char *etype, const char *value)
    {
        esl_event_type_t type = ESL_EVENT_TYPE_PLAIN;
        if (etype && !strcasecmp(etype, "xml")) {
            type = ESL_EVENT_TYPE_XML;
        } else if (etype && !strcasecmp(etype, "json")) {
            type = ESL_EVENT_TYPE_JSON;
        }
        return esl_events(&handle, type, value);
    }

    /** Runs an application on a channel; returns the reply without waiting for the application to end. */
    ESLevent *execute(const char *app, const char *arg = NULL, const char *uuid = NULL)
    {
        if (!handle.connected) {
            return NULL;
        }
        Hold hold(handle);
        return reply(esl_execute(&handle, app, arg, uuid));
    }

    /** As execute, with `async: true`. */
    ESLevent *executeAsync(const char *app, const char *arg = NULL, const char *uuid = NULL)
    {
        if (!handle.connected) {
            return NULL;
        }
        Hold hold(handle);
        int before = handle.async_execute;
        handle.async_execute = 1;
        ESLevent *event = reply(esl_execute(&handle, app, arg, uuid));
        handle.async_execute = before;
        return event;
    }

    /** Sets whether every later execute sends `async: true`; NULL changes nothing. Returns the setting. */
    int setAsyncExecute(const char *val)
    {
        if (val) {
            handle.async_execute = esl_true(val);
        }
        return handle.async_execute;
    }

    /** Sets whether every later execute sends `event-lock: true`; NULL changes nothing. Returns the setting. */
    int setEventLock(const char *val)
    {
        if (val) {
            handle.event_lock = esl_true(val);
        }
        return handle.event_lock;
    }

    /** Closes; 0, also when it is already closed. */
    int disconnect(void)
    {
        return handle.destroyed ? 0 : esl_disconnect(&handle);
    }

  private:
    ESLevent *receive(uint32_t ms)
    {
        if (!handle.connected && !handle.race_event) {
            return NULL;
        }
        if (esl_recv_event_timed(&handle, ms, 1, NULL) != ESL_SUCCESS) {
            return NULL;
        }
        /* Sending threads do not touch these two. */
        ESLevent *event = take(&handle.last_ievent);
        return event ? event : take(&handle.last_event);
    }
};

/** Logs to stderr at that level and the more severe ones (0 to 7, as syslog). */
inline void eslSetLogLevel(int level)
{
    esl_global_set_default_logger(level);
}

#endif
