/* Random calls on a byte queue that never has to grow. Links with any libesl. */
#include "esl.h"

static unsigned long long state = 88172645463325252ULL;

static int below(int limit)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (int)((state >> 11) % (unsigned long long)limit);
}

int main(void)
{
    static const char text[] = "abcdefghij\n\nklmnop\n\n";
    int round, call;

    for (round = 0; round < 2000; round++) {
        esl_buffer_t *buffer = NULL;
        esl_buffer_create(&buffer, 64, 64, 0);
        for (call = 0; call < 12; call++) {
            char out[32] = "";
            int length = below(12);
            unsigned long gave = 0;
            int what = below(7);
            switch (what) {
            case 0:
            case 1:
                if (esl_buffer_inuse(buffer) + (size_t)length <= 32) {
                    gave = esl_buffer_write(buffer, text + below(8), (size_t)length);
                }
                break;
            case 2:
                gave = esl_buffer_read(buffer, out, (size_t)length);
                break;
            case 3:
                gave = esl_buffer_toss(buffer, (size_t)length);
                break;
            case 4:
                gave = esl_buffer_read_packet(buffer, out, sizeof out - 1);
                break;
            case 5:
                gave = esl_buffer_seek(buffer, (size_t)length);
                break;
            default:
                gave = esl_buffer_packet_count(buffer);
            }
            printf("%d(%d) = %lu \"%s\" %lu\n", what, length, gave, out, (unsigned long)esl_buffer_inuse(buffer));
        }
        esl_buffer_destroy(&buffer);
    }
    return 0;
}
