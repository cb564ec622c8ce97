// Sizes in a type are 32 bits wide: what is larger is refused, and not cut off.
// RUN: refused %gwcc -c %s -o %t 2>&1 | %check
// RUN: refused %gwcc -w -O2 -c %s -o %t 2>&1 | %check
#include <greywave/greywave.h>

struct huge {
    struct huge GW *next;
    char text[5000000000];
};
// CHECK: refuse-huge-types.c:[[#@LINE+1]]:{{.*}}the fixed part of an object is smaller than 4 GiB: make the large part of struct huge an array
GW_TYPE(huge, struct huge);

struct parts {
    uint64_t length;
    struct huge at[];
};
// CHECK: refuse-huge-types.c:[[#@LINE+1]]:{{.*}}an element is smaller than 4 GiB: make 'at' of struct parts an array of smaller ones
GW_TYPE_ARRAY(parts, struct parts, length, at);
// CHECK: refuse-huge-types.c:[[#@LINE+1]]:{{.*}}the fixed part of an object is smaller than 4 GiB
GW_TYPE_LEAF(opaque, struct huge);
