/**
 * @file esl_cJSON_Utils.h
 * Over JSON values: pointers (RFC 6901), patches (RFC 6902), merge patches (RFC 7396). Of each pair of functions one takes
 * names in any letter case, the other (...CaseSensitive) as they are. Values that are given out are yours: cJSON_Delete
 * them.
 */
#include "esl_json.h"

#ifndef cJSON_Utils__h
#define cJSON_Utils__h

#ifdef __cplusplus
extern "C" {
#endif

/** The value that a pointer ("/a/0") leads to; NULL when there is none. */
CJSON_PUBLIC(cJSON *) cJSONUtils_GetPointer(cJSON *const object, const char *pointer);
CJSON_PUBLIC(cJSON *) cJSONUtils_GetPointerCaseSensitive(cJSON *const object, const char *pointer);

/** The pointer that leads from a value to one in it; NULL when it is not in it. Yours: cJSON_free it. */
CJSON_PUBLIC(char *) cJSONUtils_FindPointerFromObjectTo(const cJSON *const object, const cJSON *const target);

/** An array of the patches that make `to` of `from`. Both stay as they are. */
CJSON_PUBLIC(cJSON *) cJSONUtils_GeneratePatches(cJSON *const from, cJSON *const to);
CJSON_PUBLIC(cJSON *) cJSONUtils_GeneratePatchesCaseSensitive(cJSON *const from, cJSON *const to);

/** Appends a patch; the value is copied, NULL for an operation that has none. */
CJSON_PUBLIC(void)
cJSONUtils_AddPatchToArray(cJSON *const array, const char *const operation, const char *const path,
                           const cJSON *const value);

/** Applies an array of patches, one after the other. 0; else why it stopped, with those before it applied: 1 no array, or
 *  a test that failed, 2 no path, 3 no such operation, 4 no `from`, 5 nothing there, 7 no value, 9 nothing that could hold
 *  the value, 10 behind an array's end, 11 no index, 13 nothing at the path. */
CJSON_PUBLIC(int) cJSONUtils_ApplyPatches(cJSON *const object, const cJSON *const patches);
CJSON_PUBLIC(int) cJSONUtils_ApplyPatchesCaseSensitive(cJSON *const object, const cJSON *const patches);

/** Merges a patch into `target`, which is taken over: go on with the result. */
CJSON_PUBLIC(cJSON *) cJSONUtils_MergePatch(cJSON *target, const cJSON *const patch);
CJSON_PUBLIC(cJSON *) cJSONUtils_MergePatchCaseSensitive(cJSON *target, const cJSON *const patch);

/** The merge patch that makes `to` of `from`; NULL when they are equal. Both stay as they are. */
CJSON_PUBLIC(cJSON *) cJSONUtils_GenerateMergePatch(cJSON *const from, cJSON *const to);
CJSON_PUBLIC(cJSON *) cJSONUtils_GenerateMergePatchCaseSensitive(cJSON *const from, cJSON *const to);

/** Sorts the members of an object (not of those in it) by their names. */
CJSON_PUBLIC(void) cJSONUtils_SortObject(cJSON *const object);
CJSON_PUBLIC(void) cJSONUtils_SortObjectCaseSensitive(cJSON *const object);

#ifdef __cplusplus
}
#endif

#endif
