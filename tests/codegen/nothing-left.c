// A file whose types nobody uses any more, and a copy that was hidden while they seemed to be in use.
// RUN: %gwcc -O0 %s -o %t
// RUN: %gwcc -O2 %s -o %t
#include <greywave/greywave.h>
#include <string.h>

struct node {
    struct node GW *next;
};
GW_TYPE(node, struct node);

void copy(char *to, const char *from, size_t bytes) { memcpy(to, from, bytes); }
int main(void) { return gw_init(NULL) != GW_OK; }
