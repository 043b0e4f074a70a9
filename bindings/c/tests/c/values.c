/* JSON values: made, printed, read, edited and compared through the cJSON API. */
#include "esl.h"

#define CHECK(condition)                                                \
    do {                                                                \
        if (!(condition)) {                                             \
            fprintf(stderr, "%d: %s\n", __LINE__, #condition);          \
            exit(1);                                                    \
        }                                                               \
    } while (0)

int main(void)
{
    cJSON *root = cJSON_CreateObject(), *list, *read, *copy;
    char *text;
    const char *end = NULL;

    esl_json_add_child_string(root, "name", "va\"lue\n\x01");
    esl_json_add_child_obj(root, "empty", NULL);
    list = esl_json_add_child_array(root, "list");
    cJSON_AddItemToArray(list, cJSON_CreateNumber(1));
    cJSON_AddItemToArray(list, cJSON_CreateNumber(2.5));
    cJSON_AddItemToArray(list, cJSON_CreateBool(1));
    cJSON_AddNullToObject(root, "nothing");
    text = cJSON_PrintUnformatted(root);
    CHECK(!strcmp(text, "{\"name\":\"va\\\"lue\\n\\u0001\",\"empty\":{},\"list\":[1,2.5,true],\"nothing\":null}"));
    read = cJSON_Parse(text);
    CHECK(read && cJSON_Compare(root, read, 1));
    cJSON_free(text);
    CHECK(!strcmp(cJSON_GetObjectCstr(read, "NAME"), "va\"lue\n\x01"));
    CHECK(cJSON_GetObjectItemCaseSensitive(read, "NAME") == NULL);
    CHECK(cJSON_GetArraySize(cJSON_GetObjectItem(read, "list")) == 3);
    cJSON_ArrayForEach(list, cJSON_GetObjectItem(read, "list"))
    {
        CHECK(cJSON_IsNumber(list) || cJSON_IsTrue(list));
    }
    list = cJSON_GetObjectItem(read, "list");
    cJSON_InsertItemInArray(list, 0, cJSON_CreateString("first"));
    cJSON_ReplaceItemInArray(list, 3, cJSON_CreateString("last"));
    cJSON_DeleteItemFromArray(list, 1);
    cJSON_AddItemToArray(list, cJSON_CreateString("more"));
    cJSON_ReplaceItemInObject(read, "nothing", cJSON_CreateRaw("[ 1 ]"));
    cJSON_Delete(cJSON_DetachItemFromObject(read, "empty"));
    copy = cJSON_Duplicate(read, 1);
    CHECK(cJSON_Compare(copy, read, 1) && !cJSON_Compare(copy, root, 1));
    text = cJSON_Print(copy);
    CHECK(!strcmp(text, "{\n\t\"name\":\t\"va\\\"lue\\n\\u0001\",\n\t\"list\":\t[\"first\", 2.5, \"last\", \"more\"],\n"
                        "\t\"nothing\":\t[ 1 ]\n}"));
    cJSON_free(text);
    cJSON_Delete(copy);
    cJSON_Delete(read);
    cJSON_Delete(root);
    CHECK(!cJSON_Parse("{\"a\":}") && !strcmp(cJSON_GetErrorPtr(), "}"));
    read = cJSON_ParseWithOpts(" [\"\\u00e9\\ud83d\\ude00\"] rest", &end, 0);
    CHECK(read && !strcmp(end, " rest"));
    CHECK(!strcmp(cJSON_GetArrayItem(read, 0)->valuestring, "\xc3\xa9\xf0\x9f\x98\x80"));
    cJSON_Delete(read);
    puts("done");
    return 0;
}
