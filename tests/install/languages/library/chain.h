#include <greywave/greywave.h>

struct link {
    struct link GW *next;
    long value;
};

struct link GW *chain_make(long count);
