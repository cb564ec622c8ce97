/* The smallest Greywave program: gwcc -O2 hello.c -o hello && ./hello */
#include <greywave/greywave.h>
#include <stdio.h>

struct node {
    struct node GW *next;
    long value;
};
GW_TYPE(node, struct node);

int main(void)
{
    if (gw_init(NULL)) return fprintf(stderr, "hello: %s\n", gw_error_text()), 1;
    struct node GW *list = NULL;
    for (long i = 0; i < 10000000; i++) { /* ten million nodes, of which at most a hundred are alive */
        struct node GW *n = gw_new(node);
        n->value = i;
        n->next = i % 100 ? list : NULL;
        list = n;
    }
    printf("hello from node %ld\n", list->value);
    return 0;
}
