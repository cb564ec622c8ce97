// What is refused is refused at the user's line: not in the header that an inline function comes from, and not at a call that only
// comes after the one to blame.
// RUN: rm -rf %t.d && mkdir -p %t.d/include/greywave && sed -n 's/^HEADER: //p' %s > %t.d/include/greywave/inline.h
// RUN: for level in '-O0 -g0' '-O2' '-O2 -g'; do refused %gwcc $level -I%t.d/include -c %s -o %t.o 2>&1 | %filecheck --implicit-check-not=error: %s; done
#include <greywave/greywave.h>
#include <greywave/inline.h>
#include <stdio.h>
#include <string.h>
struct text {
    uint64_t length;
    char at[];
};
GW_TYPE_ARRAY(text, struct text, length, at);

void in_a_header(struct text GW *text)
{
    // CHECK-DAG: user-lines.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a plain pointer becomes a reference{{.*}}; allocate the object with gw_new, or use a handle [in 'wrap', which is called here]
    keep(outer());
}
FILE *to_blame(struct text GW *name)
{
    // CHECK-DAG: user-lines.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a pointer into an object is passed to a function{{.*}}; pass a plain address, (char *)pointer, which is good until the next call that may collect
    return fopen(name->at, "r");
}
FILE *right(struct text GW *name)
{
    return fopen((char *)name->at, "r");
}
FILE *innocent(const char *path)
{
    return fopen(path, "r");
}
void local(int n)
{
    // CHECK-DAG: user-lines.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a variable-length array or alloca holds references
    struct text GW *many[n];
    keep(many[0]);
}
#if 0
HEADER: void keep(void GW *reference);
HEADER: static inline void GW *wrap(void *pointer) { return (void GW *)pointer; }
HEADER: extern void *native(void);
HEADER: static inline void GW *outer(void) { return wrap(native()); }
#endif
