/**
 * @file esl_cJSON_Utils.h
 * JSON pointers (RFC 6901), patches (RFC 6902) and merge patches (RFC 7396). Of each pair of functions one compares names
 * in any letter case, the other (...CaseSensitive) exactly. Returned values are yours, where a comment does not say
 * otherwise: cJSON_Delete them.
 */
#include "esl_json.h"

#ifndef cJSON_Utils__h
#define cJSON_Utils__h

#ifdef __cplusplus
extern "C" {
#endif

/** The value at a pointer ("/a/0"); NULL when there is none. It stays the object's. */
CJSON_PUBLIC(cJSON *) cJSONUtils_GetPointer(cJSON *const object, const char *pointer);
CJSON_PUBLIC(cJSON *) cJSONUtils_GetPointerCaseSensitive(cJSON *const object, const char *pointer);

/** The pointer from a value to one inside it; NULL when it is not inside. Yours: cJSON_free it. */
CJSON_PUBLIC(char *) cJSONUtils_FindPointerFromObjectTo(const cJSON *const object, const cJSON *const target);

/** An array of the patches that turn `from` into `to`. Both stay as they are. */
CJSON_PUBLIC(cJSON *) cJSONUtils_GeneratePatches(cJSON *const from, cJSON *const to);
CJSON_PUBLIC(cJSON *) cJSONUtils_GeneratePatchesCaseSensitive(cJSON *const from, cJSON *const to);

/** Appends a patch; the value is copied, NULL for an operation that has none. */
CJSON_PUBLIC(void)
cJSONUtils_AddPatchToArray(cJSON *const array, const char *const operation, const char *const path,
                           const cJSON *const value);

/** Applies an array of patches in order. 0; else the reason for stopping, with the earlier patches applied: 1 not an array,
 *  or a test failed, 2 no path, 3 unknown operation, 4 no `from`, 5 nothing at `from`, 7 no value, 9 the parent cannot hold
 *  the value, 10 beyond an array's end, 11 not an index, 13 nothing at the path. */
CJSON_PUBLIC(int) cJSONUtils_ApplyPatches(cJSON *const object, const cJSON *const patches);
CJSON_PUBLIC(int) cJSONUtils_ApplyPatchesCaseSensitive(cJSON *const object, const cJSON *const patches);

/** Merges a patch into `target`, which the call consumes: continue with the result. */
CJSON_PUBLIC(cJSON *) cJSONUtils_MergePatch(cJSON *target, const cJSON *const patch);
CJSON_PUBLIC(cJSON *) cJSONUtils_MergePatchCaseSensitive(cJSON *target, const cJSON *const patch);

/** The merge patch that turns `from` into `to`; NULL when they are equal. Both stay as they are. */
CJSON_PUBLIC(cJSON *) cJSONUtils_GenerateMergePatch(cJSON *const from, cJSON *const to);
CJSON_PUBLIC(cJSON *) cJSONUtils_GenerateMergePatchCaseSensitive(cJSON *const from, cJSON *const to);

/** Sorts the members of an object by name; nested objects stay as they are. */
CJSON_PUBLIC(void) cJSONUtils_SortObject(cJSON *const object);
CJSON_PUBLIC(void) cJSONUtils_SortObjectCaseSensitive(cJSON *const object);

#ifdef __cplusplus
}
#endif

#endif
