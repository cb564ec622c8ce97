// The bytes of an object may be used in place, as long as nobody keeps their address; taken again after a safepoint.
// RUN: %gwcc -O0 -S -emit-llvm %s -o - | %check
// RUN: %gwcc -O2 -mllvm -max-registers-for-gc-values=0 -S -emit-llvm %s -o - | %check
#include <greywave/greywave.h>
#include <stdio.h>
#include <string.h>
struct text {
    uint64_t length;
    char bytes[];
};
void may_collect(void);
// CHECK-LABEL: define {{.*}}@twice(
// CHECK: statepoint{{.*}}@may_collect
// CHECK: %[[AFTER:.*]] = {{call .*gc.relocate|load ptr addrspace\(1\)}}
// CHECK: %[[BYTES:.*]] = getelementptr {{.*}}ptr addrspace(1) %[[AFTER]]
// CHECK: addrspacecast ptr addrspace(1) {{.*}} to ptr
// CHECK: @strlen
size_t twice(struct text GW *t)
{
    const char *bytes = (const char *)t->bytes;
    size_t n = strlen(bytes);
    may_collect();
    return n + strlen(bytes);
}

// What a function returns that is given such an address may lead into the object as well, whoever defines it.
// RUN: refused %gwcc -O0 -DREFUSED -c %s -o %t.o 2>&1 | %filecheck --check-prefix=REFUSED %s
// RUN: refused %gwcc -O2 -DREFUSED -c %s -o %t.o 2>&1 | %filecheck --check-prefix=REFUSED %s
GW_NOCOLLECT const char *elsewhere(const char *bytes);
GW_NOCOLLECT __attribute__((malloc)) char *fresh(const char *bytes);
static const char *behind(const char *bytes) { return bytes ? bytes + 1 : "none"; }
static void put(struct text GW **to, struct text GW *t) { *to = t; }
struct pair { struct text GW *first; };

// CHECK-LABEL: define {{.*}}@at_once(
size_t at_once(struct text GW *t)
{
    const char *letter = strchr((const char *)t->bytes, 'a');
    size_t n = letter ? strlen(letter) : strlen(behind((const char *)t->bytes));
    may_collect();
    return n;
}

// CHECK-LABEL: define {{.*}}@of_its_own(
size_t of_its_own(struct text GW *t)
{
    char *copy = fresh((const char *)t->bytes);
    may_collect();
    return strlen(copy);
}

#ifdef REFUSED
size_t found(struct text GW *t)
{
    // REFUSED: views.c:[[#@LINE+1]]:{{.*}}plain address of a collected object is used after a call that may collect
    const char *letter = strchr((const char *)t->bytes, 'a');
    may_collect();
    return strlen(letter);
}
size_t moved_on(struct text GW *t)
{
    // REFUSED: views.c:[[#@LINE+1]]:{{.*}}plain address of a collected object is used after a call that may collect
    const char *rest = behind((const char *)t->bytes);
    may_collect();
    return strlen(rest);
}
size_t unknown(struct text GW *t)
{
    // REFUSED: views.c:[[#@LINE+1]]:{{.*}}plain address of a collected object is used after a call that may collect
    const char *rest = elsewhere((const char *)t->bytes);
    may_collect();
    return strlen(rest);
}
void kept_by_the_library(struct text GW *t, FILE *stream)
{
    // REFUSED: views.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: the plain address of a collected object is kept by the C library; the object may move
    setvbuf(stream, (char *)t->bytes, _IOFBF, 100);
    // REFUSED: views.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: the plain address of a collected object is kept by the C library
    setbuf(stream, (char *)t->bytes);
    // REFUSED: views.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: the plain address of a collected object is kept by the C library
    strtok((char *)t->bytes, " ");
    strtok(NULL, (const char *)t->bytes);
}
void written(struct pair GW *p, struct text GW *t)
{
    // REFUSED: views.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: the plain address of a collected object is passed to a function that stores a reference there, without its barrier; let it take a reference, or return what is to be stored
    put((struct text GW **)&p->first, t);
}
#endif
