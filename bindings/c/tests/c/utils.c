/* cJSON's utilities: the examples of RFC 6901, 6902 and 7396, and what must hold for any two values. */
#include "esl_cJSON_Utils.h"

#define CHECK(condition)                                       \
    do {                                                       \
        if (!(condition)) {                                    \
            fprintf(stderr, "%d: %s\n", __LINE__, #condition); \
            exit(1);                                           \
        }                                                      \
    } while (0)

static unsigned long long state = 88172645463325252ULL;

static int below(int limit)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (int)((state >> 11) % (unsigned long long)limit);
}

static const char *const names[] = {"a", "b", "c/d", "e~f", "", "long name"};

static cJSON *value(int depth)
{
    int what = below(depth > 0 ? 8 : 5), i, count;
    cJSON *made;

    switch (what) {
    case 0:
        return cJSON_CreateNumber(below(5));
    case 1:
        return cJSON_CreateString(names[below(6)]);
    case 2:
        return cJSON_CreateBool(below(2));
    case 3:
        return cJSON_CreateNumber(below(5) + 0.5);
    case 4:
        return cJSON_CreateTrue();
    case 5:
        made = cJSON_CreateArray();
        for (i = below(4); i > 0; i--) {
            cJSON_AddItemToArray(made, value(depth - 1));
        }
        return made;
    default:
        made = cJSON_CreateObject();
        count = below(5);
        for (i = 0; i < count; i++) {
            const char *name = names[below(6)];
            if (!cJSON_HasObjectItem(made, name)) {
                cJSON_AddItemToObject(made, name, value(depth - 1));
            }
        }
        return made;
    }
}

/* Every value in it is found by its pointer. */
static void every(cJSON *root, cJSON *item)
{
    char *path = cJSONUtils_FindPointerFromObjectTo(root, item);
    cJSON *child;

    CHECK(path && cJSONUtils_GetPointerCaseSensitive(root, path) == item);
    cJSON_free(path);
    for (child = item->child; child; child = child->next) {
        every(root, child);
    }
}

static void pointers(void)
{
    static const struct {
        const char *pointer;
        int number;
    } found[] = {{"/foo/0", 1}, {"/", 0}, {"/a~1b", 2}, {"/c%d", 3}, {"/e^f", 4}, {"/g|h", 5}, {"/i\\j", 6}, {"/k\"l", 7},
                 {"/ ", 8}, {"/m~0n", 9}};
    static const char *const none[] = {"/foo/2", "/foo/01", "/foo/-", "/foo/-1", "/foo/x", "/nothing", "/a~1b/0", "/m~2n"};
    cJSON *root = cJSON_Parse("{\"foo\":[1,\"baz\"],\"\":0,\"a/b\":2,\"c%d\":3,\"e^f\":4,\"g|h\":5,\"i\\\\j\":6,\"k\\\"l\":7,"
                              "\" \":8,\"m~n\":9}");
    size_t i;

    CHECK(root && cJSONUtils_GetPointer(root, "") == root);
    for (i = 0; i < sizeof found / sizeof *found; i++) {
        cJSON *item = cJSONUtils_GetPointer(root, found[i].pointer);
        CHECK(item && item->valueint == found[i].number);
    }
    for (i = 0; i < sizeof none / sizeof *none; i++) {
        CHECK(!cJSONUtils_GetPointer(root, none[i]));
    }
    CHECK(cJSONUtils_GetPointer(root, "/FOO/0") && !cJSONUtils_GetPointerCaseSensitive(root, "/FOO/0"));
    CHECK(!cJSONUtils_FindPointerFromObjectTo(root->child, root) && !cJSONUtils_GetPointer(root, NULL));
    cJSON_Delete(root);
}

static void patches(void)
{
    static const struct {
        const char *target, *patches, *result;
        int status;
    } cases[] = {
        {"{\"foo\":\"bar\"}", "[{\"op\":\"add\",\"path\":\"/baz\",\"value\":\"qux\"}]", "{\"foo\":\"bar\",\"baz\":\"qux\"}", 0},
        {"{\"foo\":[\"bar\",\"baz\"]}", "[{\"op\":\"add\",\"path\":\"/foo/1\",\"value\":\"qux\"}]",
         "{\"foo\":[\"bar\",\"qux\",\"baz\"]}", 0},
        {"{\"baz\":\"qux\",\"foo\":\"bar\"}", "[{\"op\":\"remove\",\"path\":\"/baz\"}]", "{\"foo\":\"bar\"}", 0},
        {"{\"foo\":[\"bar\",\"qux\",\"baz\"]}", "[{\"op\":\"remove\",\"path\":\"/foo/1\"}]", "{\"foo\":[\"bar\",\"baz\"]}", 0},
        {"{\"baz\":\"qux\"}", "[{\"op\":\"replace\",\"path\":\"/baz\",\"value\":\"boo\"}]", "{\"baz\":\"boo\"}", 0},
        {"{\"foo\":{\"bar\":\"baz\",\"waldo\":\"fred\"},\"qux\":{\"corge\":\"grault\"}}",
         "[{\"op\":\"move\",\"from\":\"/foo/waldo\",\"path\":\"/qux/thud\"}]",
         "{\"foo\":{\"bar\":\"baz\"},\"qux\":{\"corge\":\"grault\",\"thud\":\"fred\"}}", 0},
        {"{\"foo\":[\"all\",\"grass\",\"cows\",\"eat\"]}", "[{\"op\":\"move\",\"from\":\"/foo/1\",\"path\":\"/foo/3\"}]",
         "{\"foo\":[\"all\",\"cows\",\"eat\",\"grass\"]}", 0},
        {"{\"a\":[1]}", "[{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/b\"}]", "{\"a\":[1],\"b\":[1]}", 0},
        {"{\"baz\":\"qux\",\"foo\":[\"a\",2,\"c\"]}",
         "[{\"op\":\"test\",\"path\":\"/baz\",\"value\":\"qux\"},{\"op\":\"test\",\"path\":\"/foo/1\",\"value\":2}]",
         "{\"baz\":\"qux\",\"foo\":[\"a\",2,\"c\"]}", 0},
        {"{\"baz\":\"qux\"}", "[{\"op\":\"test\",\"path\":\"/baz\",\"value\":\"bar\"}]", "{\"baz\":\"qux\"}", 1},
        {"{\"foo\":[\"bar\"]}", "[{\"op\":\"add\",\"path\":\"/foo/-\",\"value\":[\"abc\",\"def\"]}]",
         "{\"foo\":[\"bar\",[\"abc\",\"def\"]]}", 0},
        {"{\"foo\":\"bar\"}", "[{\"op\":\"add\",\"path\":\"\",\"value\":[1]}]", "[1]", 0},
        {"{\"foo\":\"bar\"}", "[{\"op\":\"replace\",\"path\":\"\",\"value\":\"x\"}]", "\"x\"", 0},
        {"[1,2]", "[{\"op\":\"replace\",\"path\":\"/0\",\"value\":9}]", "[9,2]", 0},
        {"{\"a\":1}", "{\"op\":\"remove\",\"path\":\"/a\"}", "{\"a\":1}", 1},
        {"{\"a\":1}", "[{\"op\":\"remove\"}]", "{\"a\":1}", 2},
        {"{\"a\":1}", "[{\"op\":\"dance\",\"path\":\"/a\"}]", "{\"a\":1}", 3},
        {"{\"a\":1}", "[{\"op\":\"move\",\"path\":\"/b\"}]", "{\"a\":1}", 4},
        {"{\"a\":1}", "[{\"op\":\"copy\",\"path\":\"/b\",\"from\":\"/x\"}]", "{\"a\":1}", 5},
        {"{\"a\":1}", "[{\"op\":\"add\",\"path\":\"/b\"}]", "{\"a\":1}", 7},
        {"{\"a\":1}", "[{\"op\":\"add\",\"path\":\"/b/c\",\"value\":1}]", "{\"a\":1}", 9},
        {"[1]", "[{\"op\":\"add\",\"path\":\"/2\",\"value\":1}]", "[1]", 10},
        {"[1]", "[{\"op\":\"add\",\"path\":\"/x\",\"value\":1}]", "[1]", 11},
        {"{\"a\":1}", "[{\"op\":\"remove\",\"path\":\"/b\"}]", "{\"a\":1}", 13},
    };
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        cJSON *target = cJSON_Parse(cases[i].target), *list = cJSON_Parse(cases[i].patches);
        cJSON *result = cJSON_Parse(cases[i].result);
        int status = cJSONUtils_ApplyPatches(target, list);
        if (status != cases[i].status || !cJSON_Compare(target, result, 1)) {
            fprintf(stderr, "%s gives %d\n", cases[i].patches, status);
            exit(1);
        }
        cJSON_Delete(target);
        cJSON_Delete(list);
        cJSON_Delete(result);
    }
}

static void merges(void)
{
    static const char *const cases[][3] = {
        {"{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
        {"{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}"},
        {"{\"a\":\"b\"}", "{\"a\":null}", "{}"},
        {"{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}"},
        {"{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
        {"{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}"},
        {"{\"a\":\"foo\"}", "\"bar\"", "\"bar\""},
        {"{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}"},
        {"[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}"},
        {"{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}"},
    };
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        cJSON *patch = cJSON_Parse(cases[i][1]), *result = cJSON_Parse(cases[i][2]);
        cJSON *merged = cJSONUtils_MergePatch(cJSON_Parse(cases[i][0]), patch);
        CHECK(cJSON_Compare(merged, result, 1));
        cJSON_Delete(merged);
        cJSON_Delete(patch);
        cJSON_Delete(result);
    }
}

static void any_two(void)
{
    cJSON *from = value(3), *to = value(3), *copy = cJSON_Duplicate(from, 1), *patch;

    every(from, from);
    patch = cJSONUtils_GeneratePatchesCaseSensitive(from, to);
    CHECK(cJSON_IsArray(patch) && cJSONUtils_ApplyPatchesCaseSensitive(copy, patch) == 0);
    CHECK(cJSON_Compare(copy, to, 1));
    cJSON_Delete(patch);
    cJSON_Delete(copy);

    patch = cJSONUtils_GenerateMergePatchCaseSensitive(from, to);
    CHECK(patch || cJSON_Compare(from, to, 1));
    copy = cJSON_Duplicate(from, 1);
    if (patch) {
        copy = cJSONUtils_MergePatchCaseSensitive(copy, patch);
    }
    CHECK(cJSON_Compare(copy, to, 1));
    cJSONUtils_SortObjectCaseSensitive(copy);
    CHECK(cJSON_Compare(copy, to, 1));
    cJSON_Delete(patch);
    cJSON_Delete(copy);
    cJSON_Delete(from);
    cJSON_Delete(to);
}

int main(void)
{
    cJSON *object;
    char *text;
    int i;

    pointers();
    patches();
    merges();
    for (i = 0; i < 300; i++) {
        any_two();
    }
    object = cJSON_Parse("{\"b\":1,\"B\":2,\"a\":3}");
    cJSONUtils_SortObject(object);
    text = cJSON_PrintUnformatted(object);
    CHECK(!strcmp(text, "{\"a\":3,\"b\":1,\"B\":2}"));
    cJSON_free(text);
    cJSON_AddTrueToObject(object, "last");
    CHECK(cJSON_GetArraySize(object) == 4);
    cJSON_Delete(object);
    puts("done");
    return 0;
}
