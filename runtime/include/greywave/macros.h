/* What the macros of the other headers are made of. Programs use no name that ends with an underscore. */
#ifndef GREYWAVE_MACROS_H
#define GREYWAVE_MACROS_H

/* The driver defines at most one of these for GCC. Without either, C is native code: its variables are not looked at. */
#if defined(__GREYWAVE_ASM__) || defined(__GREYWAVE_SHADOW__)
#define GW_ROOTS_IN_GCC_ 1
#else
#define GW_ROOTS_IN_GCC_ 0
#endif

#define GW_PASTE_(a, b) GW_PASTE_NOW_(a, b)
#define GW_PASTE_NOW_(a, b) a##b
#define GW_INSIDE_(...) __VA_ARGS__

/* GW_COUNT_(…): how many, up to twelve. GW_COUNTED_(m, …): which of m1_, m2_ and so on takes so many. */
#define GW_COUNT_(...) GW_COUNT_TAIL_(_, ##__VA_ARGS__, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define GW_COUNT_TAIL_(_, a, b, c, d, e, f, g, h, i, j, k, l, n, ...) n
#define GW_COUNTED_(m, ...) GW_PASTE_(GW_PASTE_(m, GW_COUNT_(__VA_ARGS__)), _)

/* GW_EACH_(m, a, b, …): m(a, 0) m(b, 1) … */
#define GW_EACH_(m, ...) GW_COUNTED_(GW_EACH_, ##__VA_ARGS__)(m, ##__VA_ARGS__)
#define GW_EACH_0_(m)
#define GW_EACH_1_(m, a) m(a, 0)
#define GW_EACH_2_(m, a, b) GW_EACH_1_(m, a) m(b, 1)
#define GW_EACH_3_(m, a, b, c) GW_EACH_2_(m, a, b) m(c, 2)
#define GW_EACH_4_(m, a, b, c, d) GW_EACH_3_(m, a, b, c) m(d, 3)
#define GW_EACH_5_(m, a, b, c, d, e) GW_EACH_4_(m, a, b, c, d) m(e, 4)
#define GW_EACH_6_(m, a, b, c, d, e, f) GW_EACH_5_(m, a, b, c, d, e) m(f, 5)
#define GW_EACH_7_(m, a, b, c, d, e, f, g) GW_EACH_6_(m, a, b, c, d, e, f) m(g, 6)
#define GW_EACH_8_(m, a, b, c, d, e, f, g, h) GW_EACH_7_(m, a, b, c, d, e, f, g) m(h, 7)
#define GW_EACH_9_(m, a, b, c, d, e, f, g, h, i) GW_EACH_8_(m, a, b, c, d, e, f, g, h) m(i, 8)
#define GW_EACH_10_(m, a, b, c, d, e, f, g, h, i, j) GW_EACH_9_(m, a, b, c, d, e, f, g, h, i) m(j, 9)
#define GW_EACH_11_(m, a, b, c, d, e, f, g, h, i, j, k) GW_EACH_10_(m, a, b, c, d, e, f, g, h, i, j) m(k, 10)
#define GW_EACH_12_(m, a, b, c, d, e, f, g, h, i, j, k, l) GW_EACH_11_(m, a, b, c, d, e, f, g, h, i, j, k) m(l, 11)

/* GW_OFFSETS_OF_(T, a, b, …): offsetof(T, a), offsetof(T, b), … up to eight. */
#define GW_OFFSETS_OF_(T, ...) GW_COUNTED_(GW_OFFSETS_OF_, __VA_ARGS__)(T, __VA_ARGS__)
#define GW_OFFSETS_OF_1_(T, a) offsetof(T, a)
#define GW_OFFSETS_OF_2_(T, a, ...) offsetof(T, a), GW_OFFSETS_OF_1_(T, __VA_ARGS__)
#define GW_OFFSETS_OF_3_(T, a, ...) offsetof(T, a), GW_OFFSETS_OF_2_(T, __VA_ARGS__)
#define GW_OFFSETS_OF_4_(T, a, ...) offsetof(T, a), GW_OFFSETS_OF_3_(T, __VA_ARGS__)
#define GW_OFFSETS_OF_5_(T, a, ...) offsetof(T, a), GW_OFFSETS_OF_4_(T, __VA_ARGS__)
#define GW_OFFSETS_OF_6_(T, a, ...) offsetof(T, a), GW_OFFSETS_OF_5_(T, __VA_ARGS__)
#define GW_OFFSETS_OF_7_(T, a, ...) offsetof(T, a), GW_OFFSETS_OF_6_(T, __VA_ARGS__)
#define GW_OFFSETS_OF_8_(T, a, ...) offsetof(T, a), GW_OFFSETS_OF_7_(T, __VA_ARGS__)

#endif
