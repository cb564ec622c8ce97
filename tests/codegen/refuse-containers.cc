// Containers of C++'s library that would keep references in memory from std::allocator: refused where they are named, with greywave.hpp.
// RUN: for v in 1 2 3 4; do refused %gwcc -std=gnu++17 -DVARIANT=$v -fsyntax-only %s 2>&1 | %filecheck --check-prefix=V$v %s; done
// RUN: for v in 1 2 3 4; do refused %gwcc -std=gnu++20 -DVARIANT=$v -fsyntax-only %s 2>&1 | %filecheck --check-prefix=V$v %s; done
// RUN: for v in 1 2 3 4; do %gwcc -std=gnu++17 -DREMEDY -DVARIANT=$v -Wall -Wextra -Werror -fsyntax-only %s; done
#include <greywave/greywave.hpp>
#include <functional>
#include <map>
#include <set>
#include <unordered_map>
#include <vector>

struct node {
    struct node GW *next;
};

// V1: error: static assertion failed{{.*}}std::allocator's memory is not looked at by the collector: use gw::vector<T>, gw::allocator as the allocator of a std::vector, or gw::handle<T> as the element
// V2: error: static assertion failed{{.*}}std::allocator's memory is not looked at by the collector
// V3: error: static assertion failed{{.*}}std::allocator's memory is not looked at by the collector
// V4: error: static assertion failed{{.*}}all words of this memory are references: for a map or a list of references use gw::handle<T> as its element, and no allocator
#ifndef REMEDY
#if VARIANT == 1
// V1: refuse-containers.cc:[[@LINE+1]]:{{.*}}: note: in instantiation of template class 'std::vector<
std::vector<struct node GW *> all;
#elif VARIANT == 2
// V2: refuse-containers.cc:[[@LINE+1]]:{{.*}}: note: in instantiation of template class 'std::map<
std::map<int, struct node GW *> all;
#elif VARIANT == 3
// V3: refuse-containers.cc:[[@LINE+1]]:{{.*}}: note: in instantiation of template class 'std::unordered_map<
std::unordered_map<int, struct node GW *> all;
#else
std::map<int, struct node GW *, std::less<int>, gw::allocator<std::pair<const int, struct node GW *>>> all;
#endif
#else
gw::vector<struct node> vector;
std::vector<struct node GW *, gw::allocator<struct node GW *>> other;
std::map<int, gw::handle<struct node>> map;
std::unordered_map<int, gw::handle<struct node>> table;
#endif
