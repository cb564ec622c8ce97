/* Loads a managed library, lets its globals keep objects alive across collections, unloads it, and goes on collecting;
 * several times, so that the frame table forgets what it learnt.
 *
 *     loaded <library> */
#include "check.h"
#include <dlfcn.h>

struct library {
    void *handle;
    void (*fill)(int64_t from);
    int64_t (*sum)(void);
    void (*clear)(void);
};

static void *find(void *handle, const char *name)
{
    void *symbol = dlsym(handle, name);
    CHECK(symbol);
    return symbol;
}

static struct library library_open(const char *path)
{
    struct library library = {.handle = dlopen(path, RTLD_NOW | RTLD_LOCAL)};
    if (!library.handle) fprintf(stderr, "%s\n", dlerror());
    CHECK(library.handle);
    library.fill = (void (*)(int64_t))find(library.handle, "library_fill");
    library.sum = (int64_t(*)(void))find(library.handle, "library_sum");
    library.clear = (void (*)(void))find(library.handle, "library_clear");
    return library;
}

static void use_library(const char *path, int64_t from)
{
    struct library library = library_open(path);
    struct node GW *mine = node_make(from, NULL);
    library.fill(from);
    gw_collect(GW_FULL);
    CHECK(library.sum() == 8 * from + 12);
    library.fill(from + 1); /* the library's objects are old by now */
    gw_collect(GW_FULL);
    CHECK(library.sum() == 8 * from + 20 && mine->value == from);
    library.clear();
    gw_collect(GW_FULL);
    gw_collect(GW_FULL);
    CHECK(dlclose(library.handle) == 0);
    churn();
    gw_collect(GW_FULL);
    CHECK(mine->value == from);
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    start(NULL);
    struct node GW *list = NULL;
    for (int64_t i = 0; i < 5; i++) {
        list = node_make(i, list);
        use_library(argv[1], i * 10);
    }
    for (int64_t i = 4; i >= 0; i--, list = list->next) CHECK(list->value == i);
    CHECK(gw_verify() == GW_OK);
    puts("loaded: came and went five times");
    return 0;
}
