// The C++ worker: ESLconnection and ESLevent. The rules are in ../src/main.rs.
#include "esl_oop.h"

#include <atomic>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

using Event = std::unique_ptr<ESLevent>;

static std::atomic<unsigned long> served{0};
static unsigned long called = 0;

static std::string text_of(const char *value)
{
    return value ? value : "";
}

// A call: answer, play, hang up.
static void serve(int socket)
{
    ESLconnection call(socket);
    Event(call.sendRecv("myevents"));
    Event(call.execute("answer"));
    Event(call.execute("playback", "greeting.wav"));
    for (bool played = false; call.connected() && !played;) {
        Event event(call.recvEvent());
        played = text_of(event->getType()) == "CHANNEL_EXECUTE_COMPLETE" &&
                 text_of(event->getHeader("Application")) == "playback";
        served += played ? 1 : 0;
    }
    Event(call.execute("hangup"));
}

static void on_call(esl_socket_t, esl_socket_t client, struct sockaddr_in *, void *)
{
    serve(client);
}

// A connection's life.
class Life {
  public:
    Life(int to, unsigned listener) : connection("127.0.0.1", to, "ClueCon"), port(listener)
    {
        up = connection.connected() && connection.events("plain", "BACKGROUND_JOB CUSTOM soak::event") == 0;
    }

    void run()
    {
        if (!up) {
            std::cout << "refused not connected" << std::endl;
            return;
        }
        std::cout << "ready" << std::endl;
        while (receive()) {
        }
        std::cout << "end " << events << " " << wrong << std::endl;
    }

  private:
    ESLconnection connection;
    unsigned port;
    bool up;
    unsigned long events = 0, wrong = 0, apis = 0, jobs = 0, jobs_asked = 0, lates = 0;

    // One event; false when the connection is over.
    bool receive()
    {
        Event event(connection.recvEvent());
        const std::string type = text_of(event->getType());
        if (type == "SERVER_DISCONNECTED") {
            return false;
        }
        if (type == "BACKGROUND_JOB") {
            jobs += text_of(event->getBody()).rfind("soak-", 0) == 0 ? 1 : 0;
        } else if (type == "CUSTOM") {
            check(*event);
            obey(text_of(event->getHeader("Soak-Do")));
        }
        return true;
    }

    void check(ESLevent &event)
    {
        const std::string number = std::to_string(++events);
        const std::string length = text_of(event.getHeader("Soak-Length"));
        const bool good = number == text_of(event.getHeader("Soak-Number")) &&
                          number + ": 50% \xc3\xbc" "ber & more" == text_of(event.getHeader("Soak-Text")) &&
                          text_of(event.getBody()).size() == (length.empty() ? 0 : std::stoul(length));
        wrong += good ? 0 : 1;
    }

    bool ask(const char *command, const std::string &argument, const std::string *expected)
    {
        Event reply(expected ? connection.api(command, argument.c_str()) : connection.bgapi(command, argument.c_str()));
        if (!reply) {
            return false;
        }
        wrong += expected && *expected != text_of(reply->getBody()) ? 1 : 0;
        return true;
    }

    void obey(const std::string &task)
    {
        if (task == "api") {
            for (int at = 0; at < 3; at++) {
                const std::string text = std::to_string(events) + "-" + std::to_string(at);
                apis += ask("echo", text, &text) ? 1 : 0;
            }
        } else if (task == "job") {
            jobs_asked += ask("echo", "soak-" + std::to_string(events), nullptr) ? 1 : 0;
        } else if (task == "late") {
            // The classic classes take no timeout: wait for the reply.
            const std::string ok = "+OK";
            lates += ask("msleep", "500", &ok) ? 1 : 0;
        } else if (task == "call") {
            const std::string dial = "null/soak '&socket(127.0.0.1:" + std::to_string(port) + " async full)'";
            called += ask("originate", dial, nullptr) ? 1 : 0;
        } else if (task == "mark") {
            while (jobs < jobs_asked && receive()) {
            }
            for (int patience = 30000; served < called && patience > 0; patience--) {
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            }
            std::cout << "mark " << events << " " << wrong << " " << apis << " " << jobs << " " << lates << " " << served
                      << std::endl;
        }
    }
};

int main()
{
    esl_socket_t server = ESL_SOCK_INVALID;
    std::thread listener([&] { esl_listen("127.0.0.1", 0, on_call, nullptr, &server); });
    while (*const_cast<volatile esl_socket_t *>(&server) == ESL_SOCK_INVALID) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    struct sockaddr_in addr = {};
    socklen_t size = sizeof(addr);
    getsockname(server, reinterpret_cast<struct sockaddr *>(&addr), &size);
    for (std::string line; std::getline(std::cin, line) && line.rfind("connect ", 0) == 0;) {
        Life(std::stoi(line.substr(8)), ntohs(addr.sin_port)).run();
    }
    shutdown(server, SHUT_RDWR);
    listener.join();
    return 0;
}
