/* Opens a managed library, lets its globals keep objects alive across collections, closes it, and goes on collecting; several times.
 * Objects of its types may outlive the last dlclose, reachable or not: it stays loaded.
 *
 *     loaded <library> */
#include "check.h"
#include <dlfcn.h>

struct library {
    void *handle;
    void (*fill)(int64_t from);
    int64_t (*sum)(void);
    void (*clear)(void);
    void GW *(*leaf)(void);
    int64_t (*across_hook)(struct node GW *node);
};

void library_hook(void);
void library_hook(void)
{
    churn();
}

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
    library.sum = (int64_t (*)(void))find(library.handle, "library_sum");
    library.clear = (void (*)(void))find(library.handle, "library_clear");
    library.leaf = (void GW *(*)(void))find(library.handle, "library_leaf");
    library.across_hook = (int64_t (*)(struct node GW *))find(library.handle, "library_across_hook");
    return library;
}

static void count_leaf(void *count, void GW *object)
{
    *(size_t *)count += !strcmp(gw_type_of(object)->name, "leaf");
}

/* The library is closed while its objects are reachable, or dead and not collected yet; young, or old. */
static void close_before_objects(const char *path, bool reachable, bool old)
{
    struct library library = library_open(path);
    library.fill(1);
    CHECK(library.across_hook(node_make(2, node_make(3, NULL))) == 32);
    void GW *leaf = reachable ? library.leaf() : NULL;
    if (old) gw_collect(GW_FULL);
    library.clear();
    CHECK(dlclose(library.handle) == 0);
    size_t leaves = 0;
    gw_heap_walk(count_leaf, &leaves);
    CHECK(!reachable || leaves >= 4);
    CHECK(gw_verify() == GW_OK);
    churn();
    gw_collect(GW_MINOR);
    gw_collect(GW_FULL);
    CHECK(!reachable || !strcmp(gw_type_of(leaf)->name, "leaf"));
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
    for (int how = 0; how < 4; how++) close_before_objects(argv[1], how & 1, how & 2);
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
