// Types and variables whose references the IR type does not show.
// RUN: refused %gwcc -O0 -g -c %s -o %t 2>&1 | %check
// RUN: refused %gwcc -O2 -g -c %s -o %t 2>&1 | %check
#include <greywave/greywave.h>

struct node {
    struct node GW *left, *right;
    long weight;
};

struct with_union {
    union {
        long word;
        struct node GW *reference;
    } u;
};
// CHECK-DAG: error: greywave: type 'gw_type_with_union': contains a union, which hides references; declare it with GW_TYPE_TAGGED (a field tells which member it is), GW_TYPE_TRACED (a function does), or GW_UNION_OF_REFERENCES [{{.*}}refuse-globals.c:[[@LINE+1]]: variable 'gw_type_with_union']
GW_TYPE(with_union, struct with_union);

struct __attribute__((packed)) packed {
    char tag;
    struct node GW *reference;
};
// CHECK-DAG: error: greywave: type 'gw_type_packed': a reference field is not aligned to 8 bytes
GW_TYPE(packed, struct packed);

// CHECK-DAG: error: greywave: type 'gw_type_forgets' misses the reference at offset 8 of the object; list every GW field
GW_TYPE_FIELDS(forgets, struct node, left);
// CHECK-DAG: error: greywave: type 'gw_type_too_much' lists offset 16 of the object, where its type holds no reference
GW_TYPE_FIELDS(too_much, struct node, left, right, weight);
// CHECK-DAG: error: greywave: type 'gw_type_no_leaf' misses the reference at offset 0 of the object
GW_TYPE_LEAF(no_leaf, struct node);

struct counted {
    uint64_t length;
    struct node GW *items[];
};
// CHECK-DAG: error: greywave: type 'gw_type_no_bytes' misses the reference at offset 0 of the element
GW_TYPE_BYTES(no_bytes, struct counted, length, items);

struct __attribute__((packed)) nine {
    struct node GW *reference;
    char tag;
};
struct nines {
    uint64_t length;
    struct nine at[];
};
// CHECK-DAG: error: greywave: type 'gw_type_nines': its elements hold references and are not aligned to 8 bytes (packed struct?)
GW_TYPE_ARRAY(nines, struct nines, length, at);

typedef double wide __attribute__((vector_size(32)));
struct vectors {
    wide first;
};
// CHECK-DAG: error: greywave: type 'gw_type_vectors': its objects are to be aligned to 32 bytes, and the collector aligns them to 16 at most; lower the alignment of its fields, or keep such values in native memory
GW_TYPE_LEAF(vectors, struct vectors);

void GW *make(int which)
{
    switch (which) {
    case 7: return gw_new(vectors);
    case 0: return gw_new(with_union);
    case 1: return gw_new(packed);
    case 2: return gw_new(forgets);
    case 3: return gw_new(too_much);
    case 4: return gw_new(no_leaf);
    case 5: return gw_new_array(nines, 4);
    default: return gw_new_array(no_bytes, 4);
    }
}
