/**
 * @file esl_config.h
 * A small ini reader: `[category]`, `[+section]`, `name = value` or `name => value`. Lines that begin with # or ;, and
 * text after `;;`, are comments; `__END__` ends the file. A config is used by one thread at a time.
 */
#include "esl.h"

#ifndef SWITCHWIRE_ESL_CONFIG_H
#define SWITCHWIRE_ESL_CONFIG_H

#ifdef __cplusplus
extern "C" {
#endif

/** The folder of relative paths. */
#define ESL_CONFIG_DIR "/etc/openesl"
#define ESL_PATH_SEPARATOR "/"
#define ESL_URL_SEPARATOR "://"

/** Whether a text is an absolute path or a URL. */
#define esl_is_file_path(file) (*(file) == '/' || strstr((file), ESL_URL_SEPARATOR))

/** An open file. Your memory; filled by esl_config_open_file. */
struct esl_config {
    FILE *file;
    char path[1024];    /**< Where it was found. */
    char category[256]; /**< The [category] of the last pair. */
    char section[256];  /**< The [+section] of the last pair. */
    char buf[1024];
    int lineno;
    int catno;
    int sectno;
    int lockto;         /**< The only section that is read; -1: all. */
};
typedef struct esl_config esl_config_t;

/** Opens an absolute path, or a relative one under ESL_CONFIG_DIR; failing that, the section of that name in openesl.conf
 *  there. 1 when it is open (then esl_config_close_file it), else 0. */
ESL_DECLARE(int) esl_config_open_file(esl_config_t *cfg, const char *file_path);

/** Closes the file. */
ESL_DECLARE(void) esl_config_close_file(esl_config_t *cfg);

/** Reads the next pair; 0 at the end. The strings are parts of cfg->buf: they live until the next call. A [+section] is
 *  returned as a pair of empty strings. */
ESL_DECLARE(int) esl_config_next_pair(esl_config_t *cfg, char **var, char **val);

/** Reads the four bits after the colon of `x:1010`; 0, or -1 when they are missing. */
ESL_DECLARE(int) esl_config_get_cas_bits(char *strvalue, unsigned char *outbits);

#ifdef __cplusplus
}
#endif

#endif
