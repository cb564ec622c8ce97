// The other half of the guide's guarded.ll: collects and throws. The object is somewhere else by then.
#include <greywave/greywave.h>
#include <cstdio>

struct number {
    long value;
};
GW_TYPE(number, struct number);
extern "C" struct number GW *guarded(struct number GW *);
extern "C" struct number GW *risky(struct number GW *)
{
    gw_collect(GW_FULL);
    throw 1;
}

int main()
{
    if (gw_init(nullptr)) return 1;
    struct number GW *n = gw_new(number);
    n->value = 7;
    std::printf("%ld\n", guarded(n)->value);
}
