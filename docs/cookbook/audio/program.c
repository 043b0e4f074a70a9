/* Hears a call and speaks in it, by UDP: HOST PORT PASSWORD DIAL. */
#include <esl.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

int main(int argc, char **argv)
{
    esl_handle_t handle = { { 0 } };
    struct sockaddr_in here = { 0 };
    socklen_t length = sizeof(here);
    struct timeval patience = { 10, 0 };
    char command[512], uuid[64];
    int audio = socket(AF_INET, SOCK_DGRAM, 0), count, sound = 0, i;
    short tone[160];

    /* A frame: 20 ms of 16-bit samples, 8000 a second, in the machine's byte order. Here 400 Hz: 20 samples are a period. */
    for (i = 0; i < 160; i++) tone[i] = i % 20 < 10 ? 4000 : -4000;

    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (argc != 5 || bind(audio, (struct sockaddr *) &here, sizeof(here)) || getsockname(audio, (struct sockaddr *) &here, &length)
        || esl_connect(&handle, argv[1], (esl_port_t) atoi(argv[2]), NULL, argv[3]) != ESL_SUCCESS) {
        return 1;
    }
    setsockopt(audio, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    snprintf(command, sizeof(command), "api originate {originate_timeout=20}%s &park()", argv[4]);
    esl_send_recv(&handle, command);
    if (sscanf(handle.last_sr_event->body, "+OK %63s", uuid) != 1) {
        return 1;
    }

    /* The call is parked; from now on its audio comes here. */
    snprintf(command, sizeof(command), "sendmsg %s\ncall-command: unicast\nlocal-port: 0\nremote-port: %d\ntransport: udp",
             uuid, ntohs(here.sin_port));
    esl_send_recv(&handle, command);

    for (count = 0; count < 40; count++) {
        unsigned char frame[4096];
        struct sockaddr_in server;
        socklen_t size = sizeof(server);
        ssize_t bytes = recvfrom(audio, frame, sizeof(frame), 0, (struct sockaddr *) &server, &size);

        if (bytes < 0) return 1;
        while (bytes && !frame[bytes - 1]) bytes--;
        sound += bytes > 0;
        /* What is heard is the clock: a frame for a frame, ten of them. */
        if (count < 10) sendto(audio, tone, sizeof(tone), 0, (struct sockaddr *) &server, size);
    }
    printf("40 frames heard, %d with sound\n", sound);
    snprintf(command, sizeof(command), "api uuid_kill %s", uuid);
    esl_send_recv(&handle, command);
    esl_disconnect(&handle);
    return 0;
}
