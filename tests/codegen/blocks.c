// Blocks of clang that capture references: precise while they stay where they are, refused where they may be copied to native memory.
// RUN: for level in 0 1 2 3; do %gwcc -O$level -fblocks -I %S/../programs %s -o %t; GREYWAVE=stress=alloc+move,poison=1,verify=1 %t; done
// RUN: for level in 0 2; do refused %gwcc -O$level -fblocks -DREFUSED -I %S/../programs -c %s -o %t 2>&1 | %check; done
#include "check.h"

typedef struct node GW * (^block)(int64_t);

// What the blocks' library has, so that the test needs none of it.
void *_NSConcreteStackBlock[32], *_NSConcreteGlobalBlock[32];
void _Block_object_assign(void *to, const void *from, int flags) {}
void _Block_object_dispose(const void *variable, int flags) {}
void *_Block_copy(const void *given);

__attribute__((noinline)) static struct node GW *call(block given, int64_t value)
{
    churn();
    return given(value);
}

static void captured(void)
{
    struct node GW *first = node_make(1, NULL);
    block given = ^(int64_t value) {
      struct node GW *made = node_make(value, first);
      churn();
      return made;
    };
    struct node GW *second = call(given, 5), *third = given(6);
    churn();
    CHECK(second->value == 5 && second->next->value == 1 && third->value == 6 && third->next == first);
}

static void shared(void)
{
    __block struct node GW *last = node_make(1, NULL);
    block given = ^(int64_t value) {
      last = node_make(value, last);
      churn();
      return last;
    };
    for (int64_t i = 2; i < 6; i++) CHECK(call(given, i) == last);
    int64_t expected = 5;
    for (struct node GW *n = last; n; n = n->next) CHECK(n->value == expected--);
}

int main(void)
{
    start(NULL);
    captured();
    shared();
    return 0;
}

#ifdef REFUSED
void keeps(block), looks(__attribute__((noescape)) block), runs(void (^)(void));

// CHECK: blocks.c:[[#@LINE+3]]:{{[0-9]+}}: error: greywave: a block that captures a reference is given to what may copy it to native memory, where the collector does not look; declare a parameter that is not kept with __attribute__((noescape)), or capture a handle
void kept(struct node GW *n)
{
    keeps(^(int64_t value) { return n; });
}

// CHECK: blocks.c:[[#@LINE+4]]:{{[0-9]+}}: error: greywave: a block that captures a reference
void chosen(struct node GW *n, int which)
{
    block one = ^(int64_t value) { return n; }, other = ^(int64_t value) { return n->next; };
    keeps(which ? one : other);
}

// CHECK: blocks.c:[[#@LINE+4]]:{{[0-9]+}}: error: greywave: a block that captures a reference
void copied(struct node GW *n)
{
    block given = ^(int64_t value) { return n; };
    _Block_copy((const void *)given);
}

// CHECK: blocks.c:[[#@LINE+4]]:{{[0-9]+}}: error: greywave: a block that captures a reference
static void *copy_of(block given)
{
    CHECK(given);
    return _Block_copy((const void *)given);
}
void *handed_on(struct node GW *n)
{
    return copy_of(^(int64_t value) { return n; });
}

// CHECK: blocks.c:[[#@LINE+4]]:{{[0-9]+}}: error: greywave: a block that captures a reference
void variable_kept(struct node GW *n)
{
    __block struct node GW *last = n;
    runs(^{ last = NULL; });
}

// CHECK: blocks.c:[[#@LINE+3]]:{{[0-9]+}}: error: greywave: a block that captures a reference
__attribute__((noinline)) static void hand_on(block given)
{
    keeps(given);
}
void kept_by_another(struct node GW *n, int64_t turns)
{
    for (int64_t i = 0; i < turns; i++) hand_on(^(int64_t value) { return n; });
}

// CHECK-NOT: error: greywave
void looked_at(struct node GW *n)
{
    looks(^(int64_t value) { return n; });
    keeps(^(int64_t value) { return (struct node GW *)NULL; });
    block given = ^(int64_t value) { return n; };
    printf("%p\n", (void *)given);
}
#endif
