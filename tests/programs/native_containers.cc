// References kept by the containers of C++'s library, one variant after another. Whether the compiler refuses it or it is found
// when the program runs is the same at every level.
#include <greywave/greywave.h>

#include <cstdio>

#if VARIANT == 1
#include <memory>
#elif VARIANT == 2
#include <optional>
#elif VARIANT == 3
#include <unordered_map>
#else
#include <functional>
#endif

struct node {
    struct node GW *next;
    int64_t value;
};
GW_TYPE(node, struct node);

static struct node GW *make(int64_t value)
{
    struct node GW *made = gw_new(node);
    made->value = value;
    return made;
}

#if VARIANT == 1
// variant 1: refused. In memory from new.
static int64_t keep(struct node GW *n)
{
    auto owner = std::make_unique<struct node GW *>(n);
    make(-1);
    return (*owner)->value;
}
#elif VARIANT == 2
// variant 2: refused. In a union.
static int64_t keep(struct node GW *n)
{
    std::optional<struct node GW *> maybe = n;
    make(-1);
    return (*maybe)->value;
}
#elif VARIANT == 3
// variant 3: found. In memory from new, which many functions hand on.
static int64_t keep(struct node GW *n)
{
    std::unordered_map<int, struct node GW *> map;
    map[1] = n;
    make(-1);
    return map[1]->value;
}
#elif VARIANT == 4
// variant 4: found. In a local variable of bytes, given by its address.
static int64_t keep(struct node GW *n)
{
    std::function<int64_t()> closure = [n] {
        make(-1);
        return n->value;
    };
    return closure();
}
#endif

int main()
{
    if (gw_init("stress=alloc+move,poison=1") != GW_OK) return 1;
    return keep(make(3)) == 3 ? 0 : 2;
}
