/* C++ by g++ with asm roots: exceptions through frames that hold references, caught where references are still needed. */
#include <greywave/greywave.h>
#include <stdexcept>
#include <stdio.h>

struct node {
    struct node *left, *right;
    long number;
};
GW_TYPE_FIELDS(node, struct node, left, right);

struct counting {
    long *left;
    ~counting() { ++*left; }
};

__attribute__((noinline)) static node *make(long number)
{
    node *made = gw_new(node);
    made->number = number;
    return made;
}

__attribute__((noinline)) static long descend(node *above, int depth)
{
    node *here = NULL;
    long below = 0;
    GW_CALL(here = make(depth), above);
    if (depth == 0) throw std::runtime_error("at the bottom");
    GW_CALL(below = descend(here, depth - 1), above, here);
    return below + above->number + here->number;
}

int main()
{
    if (gw_init(NULL) != GW_OK) return fprintf(stderr, "%s\n", gw_error_text()), 2;
    long total = 0, left = 0;
    node *kept = make(7);
    for (int i = 0; i < 50; i++) {
        node *top = NULL, *late = NULL;
        GW_CALL(top = make(i), kept);
        try {
            counting scope = {&left};
            GW_CALL(descend(top, i % 5), kept, top);
        } catch (std::exception &) {
            GW_ROOT(kept); /* what the call above would have marked, had it returned */
            GW_ROOT(top);
            GW_CALL(late = make(1), kept, top);
            total += kept->number + top->number + late->number;
        }
    }
    printf("%ld %ld %ld\n", total, left, kept->number);
    return !(total == 1625 && left == 50 && kept->number == 7);
}
