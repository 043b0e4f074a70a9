/**
 * @file esl_cJSON.h
 * The cJSON API under the name that newer programs include; see esl_json.h.
 */
#include "esl_json.h"
