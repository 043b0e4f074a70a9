/* Calls, and lets a dialogue program hear and speak: HOST PORT PASSWORD DIAL DIALOGUE_PORT. */
#include <esl.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static esl_handle_t handle;
static char uuid[64], command[1024];

/* The bot's turn: speaks, without waiting for the end; whether it will listen then. */
static int turn(FILE *bot)
{
    char line[512], *text;

    if (!fgets(line, sizeof(line), bot) || !strchr(line, ' ')) exit(1);
    line[strcspn(line, "\n")] = '\0';
    text = strchr(line, ' ') + 1;
    printf("bot: %s\n", text);
    snprintf(command, sizeof(command), "flite|slt|%s", text);
    esl_execute(&handle, "speak", command, uuid);
    return line[0] == 'a';
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = { 0 };
    int listens, connected = socket(AF_INET, SOCK_STREAM, 0);
    FILE *bot = fdopen(connected, "r");

    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (argc == 6) address.sin_port = htons((unsigned short) atoi(argv[5]));
    if (argc != 6 || !bot || connect(connected, (struct sockaddr *) &address, sizeof(address))
        || esl_connect(&handle, argv[1], (esl_port_t) atoi(argv[2]), NULL, argv[3]) != ESL_SUCCESS) {
        return 1;
    }
    snprintf(command, sizeof(command), "api originate {originate_timeout=20}%s &park()", argv[4]);
    esl_send_recv(&handle, command);
    if (sscanf(handle.last_sr_event->body, "+OK %63s", uuid) != 1) return 1;
    esl_events(&handle, ESL_EVENT_TYPE_PLAIN, "DETECTED_SPEECH CHANNEL_EXECUTE_COMPLETE CHANNEL_HANGUP_COMPLETE");
    esl_filter(&handle, "Unique-ID", uuid);
    esl_execute(&handle, "detect_speech", "pocketsphinx yesno yesno", uuid);

    listens = turn(bot);
    while (esl_recv_event(&handle, 1, NULL) == ESL_SUCCESS) {
        esl_event_t *event = handle.last_ievent;
        const char *type = event ? esl_event_get_header(event, "Speech-Type") : NULL, *application, *input;

        if (!event) continue;
        application = esl_event_get_header(event, "Application");
        if (event->event_id == ESL_EVENT_CHANNEL_HANGUP_COMPLETE) {
            printf("ended: %s\n", esl_event_get_header(event, "Hangup-Cause"));
            break;
        } else if (application && !strcmp(application, "speak") && !listens) {
            snprintf(command, sizeof(command), "api uuid_kill %s", uuid);
            esl_send_recv(&handle, command);
        } else if (type && !strcmp(type, "begin-speaking")) {
            /* Who is interrupted stops to speak. */
            snprintf(command, sizeof(command), "api uuid_break %s all", uuid);
            esl_send_recv(&handle, command);
        } else if (type && !strcmp(type, "detected-speech") && listens) {
            char heard[128] = "\n";

            input = event->body ? strstr(event->body, "<input") : NULL;
            if (input && (input = strchr(input, '>'))) snprintf(heard, sizeof(heard), "%.*s\n", (int) strcspn(input + 1, "<"), input + 1);
            printf("caller: %s", heard);
            if (send(connected, heard, strlen(heard), 0) < 0) return 1;
            esl_execute(&handle, "detect_speech", "resume", uuid);
            listens = turn(bot);
        }
    }
    esl_disconnect(&handle);
    return 0;
}
