/**
 * @file esl_json.h
 * JSON values: the cJSON API (names of its version 1.7.12), and helpers over it. A value is used by one thread at a time.
 * A program that has already included cJSON's own header uses that one.
 */
#include "esl.h"

#ifndef SWITCHWIRE_ESL_JSON_H
#define SWITCHWIRE_ESL_JSON_H

#ifdef __cplusplus
extern "C" {
#endif

#ifndef cJSON__h
#define cJSON__h

#include <stddef.h>

#define CJSON_VERSION_MAJOR 1
#define CJSON_VERSION_MINOR 7
#define CJSON_VERSION_PATCH 12

#define CJSON_CDECL
#define CJSON_STDCALL
#define CJSON_PUBLIC(type) type

/* The kinds of values, in `type`, and its two flags. */
#define cJSON_Invalid (0)
#define cJSON_False (1 << 0)
#define cJSON_True (1 << 1)
#define cJSON_NULL (1 << 2)
#define cJSON_Number (1 << 3)
#define cJSON_String (1 << 4)
#define cJSON_Array (1 << 5)
#define cJSON_Object (1 << 6)
#define cJSON_Raw (1 << 7)
#define cJSON_IsReference 256
#define cJSON_StringIsConst 512

/** The deepest nesting that is parsed. */
#define CJSON_NESTING_LIMIT 1000

/** A value; `child` is the first member of an array or object, `next` links the members. */
typedef struct cJSON {
    struct cJSON *next;
    struct cJSON *prev;
    struct cJSON *child;
    int type;
    char *valuestring;  /**< Of a string or raw value. */
    int valueint;
    double valuedouble; /**< Of a number. */
    char *string;       /**< The name, in an object. */
} cJSON;

typedef struct cJSON_Hooks {
    void *(*malloc_fn)(size_t size);
    void (*free_fn)(void *pointer);
} cJSON_Hooks;

typedef int cJSON_bool;

/* ---- Parsing ---- */
/** Parses JSON text; NULL when it is invalid. Yours: cJSON_Delete it. Text after the value is ignored. */
CJSON_PUBLIC(cJSON *) cJSON_Parse(const char *value);
/** As cJSON_Parse; *return_parse_end is the end of the value, or the place of the error. With require_null_terminated
 *  nothing may follow the value. */
CJSON_PUBLIC(cJSON *)
cJSON_ParseWithOpts(const char *value, const char **return_parse_end, cJSON_bool require_null_terminated);
/** As cJSON_Parse, of text that need not end in NUL. */
CJSON_PUBLIC(cJSON *) cJSON_ParseWithLength(const char *value, size_t buffer_length);
CJSON_PUBLIC(cJSON *)
cJSON_ParseWithLengthOpts(const char *value, size_t buffer_length, const char **return_parse_end,
                          cJSON_bool require_null_terminated);
/** The place of the error in the text parsed last; NULL when it was valid. Shared by all threads. */
CJSON_PUBLIC(const char *) cJSON_GetErrorPtr(void);
/** Removes blanks and comments from JSON text, in place. */
CJSON_PUBLIC(void) cJSON_Minify(char *json);

/* ---- Printing ---- */
/** The value as text, with tabs and line breaks. Yours: cJSON_free it. NULL after a failure. */
CJSON_PUBLIC(char *) cJSON_Print(const cJSON *item);
/** The value as text on one line. Yours: cJSON_free it. NULL after a failure. */
CJSON_PUBLIC(char *) cJSON_PrintUnformatted(const cJSON *item);
CJSON_PUBLIC(char *) cJSON_PrintBuffered(const cJSON *item, int prebuffer, cJSON_bool fmt);
/** Prints into your buffer; 0 when it does not fit. */
CJSON_PUBLIC(cJSON_bool) cJSON_PrintPreallocated(cJSON *item, char *buffer, const int length, const cJSON_bool format);

/* ---- Reading values ---- */
CJSON_PUBLIC(int) cJSON_GetArraySize(const cJSON *array);
CJSON_PUBLIC(cJSON *) cJSON_GetArrayItem(const cJSON *array, int index);
/** The member of that name in any letter case; it stays the object's. */
CJSON_PUBLIC(cJSON *) cJSON_GetObjectItem(const cJSON *const object, const char *const string);
CJSON_PUBLIC(cJSON *) cJSON_GetObjectItemCaseSensitive(const cJSON *const object, const char *const string);
CJSON_PUBLIC(cJSON_bool) cJSON_HasObjectItem(const cJSON *object, const char *string);
/** The text of the string member of that name; NULL when there is none. It stays the object's. */
CJSON_PUBLIC(const char *) cJSON_GetObjectCstr(const cJSON *object, const char *string);
/** The text of a string; NULL for other kinds. It stays the value's. */
CJSON_PUBLIC(char *) cJSON_GetStringValue(const cJSON *const item);
CJSON_PUBLIC(double) cJSON_GetNumberValue(const cJSON *const item);
CJSON_PUBLIC(cJSON_bool) cJSON_IsInvalid(const cJSON *const item);
CJSON_PUBLIC(cJSON_bool) cJSON_IsFalse(const cJSON *const item);
CJSON_PUBLIC(cJSON_bool) cJSON_IsTrue(const cJSON *const item);
CJSON_PUBLIC(cJSON_bool) cJSON_IsBool(const cJSON *const item);
CJSON_PUBLIC(cJSON_bool) cJSON_IsNull(const cJSON *const item);
CJSON_PUBLIC(cJSON_bool) cJSON_IsNumber(const cJSON *const item);
CJSON_PUBLIC(cJSON_bool) cJSON_IsString(const cJSON *const item);
CJSON_PUBLIC(cJSON_bool) cJSON_IsArray(const cJSON *const item);
CJSON_PUBLIC(cJSON_bool) cJSON_IsObject(const cJSON *const item);
CJSON_PUBLIC(cJSON_bool) cJSON_IsRaw(const cJSON *const item);
/** Whether two values are equal; members of objects in any order. */
CJSON_PUBLIC(cJSON_bool) cJSON_Compare(const cJSON *const a, const cJSON *const b, const cJSON_bool case_sensitive);

/* ---- Making: each result is yours until it is added to an array or object; cJSON_Delete it. ---- */
CJSON_PUBLIC(cJSON *) cJSON_CreateNull(void);
CJSON_PUBLIC(cJSON *) cJSON_CreateTrue(void);
CJSON_PUBLIC(cJSON *) cJSON_CreateFalse(void);
CJSON_PUBLIC(cJSON *) cJSON_CreateBool(cJSON_bool boolean);
CJSON_PUBLIC(cJSON *) cJSON_CreateNumber(double num);
CJSON_PUBLIC(cJSON *) cJSON_CreateString(const char *string);
CJSON_PUBLIC(cJSON *) cJSON_CreateRaw(const char *raw);
CJSON_PUBLIC(cJSON *) cJSON_CreateArray(void);
CJSON_PUBLIC(cJSON *) cJSON_CreateObject(void);
/** The text, or the members, stay yours. */
CJSON_PUBLIC(cJSON *) cJSON_CreateStringReference(const char *string);
CJSON_PUBLIC(cJSON *) cJSON_CreateObjectReference(const cJSON *child);
CJSON_PUBLIC(cJSON *) cJSON_CreateArrayReference(const cJSON *child);
CJSON_PUBLIC(cJSON *) cJSON_CreateIntArray(const int *numbers, int count);
CJSON_PUBLIC(cJSON *) cJSON_CreateFloatArray(const float *numbers, int count);
CJSON_PUBLIC(cJSON *) cJSON_CreateDoubleArray(const double *numbers, int count);
CJSON_PUBLIC(cJSON *) cJSON_CreateStringArray(const char *const *strings, int count);
CJSON_PUBLIC(cJSON *) cJSON_Duplicate(const cJSON *item, cJSON_bool recurse);
/** Frees a value and all its members; NULL is ignored. */
CJSON_PUBLIC(void) cJSON_Delete(cJSON *item);

/* ---- Adding: the item then belongs to the array or object. 1, or 0 when it could not be added. ---- */
CJSON_PUBLIC(cJSON_bool) cJSON_AddItemToArray(cJSON *array, cJSON *item);
CJSON_PUBLIC(cJSON_bool) cJSON_AddItemToObject(cJSON *object, const char *string, cJSON *item);
/** The name stays yours and must live as long as the item. */
CJSON_PUBLIC(cJSON_bool) cJSON_AddItemToObjectCS(cJSON *object, const char *string, cJSON *item);
/** The item keeps its owner and must live as long as this reference to it. */
CJSON_PUBLIC(cJSON_bool) cJSON_AddItemReferenceToArray(cJSON *array, cJSON *item);
CJSON_PUBLIC(cJSON_bool) cJSON_AddItemReferenceToObject(cJSON *object, const char *string, cJSON *item);
CJSON_PUBLIC(cJSON_bool) cJSON_InsertItemInArray(cJSON *array, int which, cJSON *newitem);
/** Make and add in one call; the result belongs to the object. */
CJSON_PUBLIC(cJSON *) cJSON_AddNullToObject(cJSON *const object, const char *const name);
CJSON_PUBLIC(cJSON *) cJSON_AddTrueToObject(cJSON *const object, const char *const name);
CJSON_PUBLIC(cJSON *) cJSON_AddFalseToObject(cJSON *const object, const char *const name);
CJSON_PUBLIC(cJSON *) cJSON_AddBoolToObject(cJSON *const object, const char *const name, const cJSON_bool boolean);
CJSON_PUBLIC(cJSON *) cJSON_AddNumberToObject(cJSON *const object, const char *const name, const double number);
CJSON_PUBLIC(cJSON *) cJSON_AddStringToObject(cJSON *const object, const char *const name, const char *const string);
CJSON_PUBLIC(cJSON *) cJSON_AddRawToObject(cJSON *const object, const char *const name, const char *const raw);
CJSON_PUBLIC(cJSON *) cJSON_AddObjectToObject(cJSON *const object, const char *const name);
CJSON_PUBLIC(cJSON *) cJSON_AddArrayToObject(cJSON *const object, const char *const name);

/* ---- Removing: a detached item is yours; a deleted or replaced one is freed. ---- */
CJSON_PUBLIC(cJSON *) cJSON_DetachItemViaPointer(cJSON *parent, cJSON *const item);
CJSON_PUBLIC(cJSON *) cJSON_DetachItemFromArray(cJSON *array, int which);
CJSON_PUBLIC(cJSON *) cJSON_DetachItemFromObject(cJSON *object, const char *string);
CJSON_PUBLIC(cJSON *) cJSON_DetachItemFromObjectCaseSensitive(cJSON *object, const char *string);
CJSON_PUBLIC(void) cJSON_DeleteItemFromArray(cJSON *array, int which);
CJSON_PUBLIC(void) cJSON_DeleteItemFromObject(cJSON *object, const char *string);
CJSON_PUBLIC(void) cJSON_DeleteItemFromObjectCaseSensitive(cJSON *object, const char *string);
CJSON_PUBLIC(cJSON_bool) cJSON_ReplaceItemViaPointer(cJSON *const parent, cJSON *const item, cJSON *replacement);
CJSON_PUBLIC(cJSON_bool) cJSON_ReplaceItemInArray(cJSON *array, int which, cJSON *newitem);
CJSON_PUBLIC(cJSON_bool) cJSON_ReplaceItemInObject(cJSON *object, const char *string, cJSON *newitem);
CJSON_PUBLIC(cJSON_bool) cJSON_ReplaceItemInObjectCaseSensitive(cJSON *object, const char *string, cJSON *newitem);

/* ---- Changing ---- */
CJSON_PUBLIC(double) cJSON_SetNumberHelper(cJSON *object, double number);
/** Replaces the text of a string; NULL when the value is not a string. */
CJSON_PUBLIC(char *) cJSON_SetValuestring(cJSON *object, const char *valuestring);

/* ---- Memory ---- */
/** Sets the allocator; NULL: malloc. Call it before any other function. */
CJSON_PUBLIC(void) cJSON_InitHooks(cJSON_Hooks *hooks);
CJSON_PUBLIC(void *) cJSON_malloc(size_t size);
CJSON_PUBLIC(void) cJSON_free(void *object);
CJSON_PUBLIC(const char *) cJSON_Version(void);

#define cJSON_SetIntValue(object, number) \
    ((object) ? (object)->valueint = (object)->valuedouble = (number) : (number))
#define cJSON_SetNumberValue(object, number) \
    ((object != NULL) ? cJSON_SetNumberHelper(object, (double)(number)) : (number))
#define cJSON_ArrayForEach(element, array) \
    for (element = (array != NULL) ? (array)->child : NULL; element != NULL; element = element->next)

#else

/** The text of the string member of that name; NULL when there is none. It stays the object's. */
const char *cJSON_GetObjectCstr(const cJSON *object, const char *string);

#endif

/** Adds a member and returns it: `obj`, which then belongs to `json`, or a new object when it is NULL. */
static __inline__ cJSON *esl_json_add_child_obj(cJSON *json, const char *name, cJSON *obj)
{
    cJSON *child = obj ? obj : cJSON_CreateObject();
    cJSON_AddItemToObject(json, name, child);
    return child;
}

/** Adds a new array and returns it; it belongs to `json`. */
static __inline__ cJSON *esl_json_add_child_array(cJSON *json, const char *name)
{
    cJSON *child = cJSON_CreateArray();
    cJSON_AddItemToObject(json, name, child);
    return child;
}

/** Adds a string and returns it; it belongs to `json`. */
static __inline__ cJSON *esl_json_add_child_string(cJSON *json, const char *name, const char *val)
{
    cJSON *child = cJSON_CreateString(val);
    cJSON_AddItemToObject(json, name, child);
    return child;
}

#ifdef __cplusplus
}
#endif

#endif
