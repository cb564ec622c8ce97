/* What the programs of this folder share: a check that says where it failed, and garbage to move things about. */
#ifndef GW_PROGRAMS_CHECK_H
#define GW_PROGRAMS_CHECK_H

#include <greywave/greywave.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                                                                   \
    do {                                                                                                                                   \
        if (!(condition)) check_failed(__FILE__, __LINE__, #condition);                                                                    \
    } while (0)

/* Nothing collects on the way out: a check is no safepoint. */
GW_NOCOLLECT _Noreturn static inline void check_failed(const char *file, int line, const char *condition)
{
    fflush(stdout);
    fprintf(stderr, "%s:%d: not true: %s\n", file, line, condition);
    exit(1);
}

static inline void start(const char *options)
{
    if (gw_init(options) == GW_OK) return;
    fprintf(stderr, "%s\n", gw_error_text());
    exit(2);
}

struct node {
    int64_t value;
    struct node GW *next;
};
GW_TYPE_FIELDS(node, struct node, next);

static inline struct node GW *node_make(int64_t value, struct node GW *next)
{
    struct node GW *node;
    GW_CALL(node = gw_new(node), next);
    CHECK(node);
    node->value = value;
    GW_STORE(node, next, next);
    return node;
}

/* Garbage and a minor collection: whatever was not found as a root is gone or elsewhere afterwards. */
static inline void churn(void)
{
    for (int i = 0; i < 8; i++) node_make(-1, NULL);
    gw_collect(GW_MINOR);
    for (int i = 0; i < 8; i++) node_make(-2, NULL);
}

#endif
