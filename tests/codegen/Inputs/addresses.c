/* Calls what pointer-to-address.ll defines. */
#include "check.h"

void collect(void) { churn(); }
int64_t agreements(struct node GW *), moved(struct node GW *);

int main(void)
{
    start(NULL);
    CHECK(agreements(node_make(1, NULL)) == 5);
    CHECK(moved(node_make(1, NULL)) != 0);
    return 0;
}
