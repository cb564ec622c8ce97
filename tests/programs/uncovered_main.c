/* Calls into a managed frame that no map describes; see uncovered.c. */
#include "check.h"

void uncovered(void);

int main(void)
{
    start(NULL);
    struct node GW *held = node_make(1, NULL);
    uncovered();
    printf("went on, value %" PRId64 "\n", held->value);
    return 0;
}
