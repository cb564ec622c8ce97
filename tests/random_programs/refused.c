/* Pieces of programs that docs/constructs.md refuses, and some that it accepts though the optimiser makes of them what it refuses:
 * one construct, in one of its forms, somewhere in a function. Whether and with which words they are refused may not depend on the
 * level of optimisation (refused_programs.sh). */
#include "statements.h"
#include <string.h>

enum { MOST_FORMS = 12 };

/* `r` and `other` are references, n is a number. */
static const struct {
    const char *name;
    const char *forms[MOST_FORMS + 1];
} constructs[] = {
    {"twice", {"if (twice(words)) mix(r->tag); may_collect();", "if (n & 1 && !twice(words)) may_collect(); mix(r->tag);"}},
    {"integer",
     {"r = (struct t0 GW *)(uintptr_t)n; may_collect(); mix(r->tag);", "r->f0 = (struct t0 GW *)(n * 8); may_collect();",
      "r = (struct t0 GW *)((uintptr_t)r ^ n); may_collect(); mix(r->tag);",
      "uintptr_t a = (uintptr_t)r; may_collect(); r = (struct t0 GW *)a; mix(r->tag);", "r = make((struct t0 GW *)(uintptr_t)n);"}},
    {"native",
     {"r = (struct t0 GW *)native; may_collect(); mix(r->tag);", "r->f0 = (struct t0 GW *)native;",
      "r->f0 = (struct t0 GW *)&table[n & 3];"}},
    {"view",
     {"kept = (const char *)r->bytes;", "use((const char *)r->bytes);", "use((const char *)r);",
      "use_struct(&(struct view){(const char *)r->bytes, 3});", "kept = strchr((const char *)r->bytes, 3);",
      "const char *p = strchr((const char *)r->bytes, 3); may_collect(); mix(*p);",
      "const char *p = skip((const char *)r->bytes); may_collect(); mix(look(p));",
      "const char *p = skip(skip(n > 3 ? (const char *)r->bytes : words_of(n))); may_collect(); mix(look(p));",
      "const char *p = outside((const char *)r->bytes); use(p);", "put((struct t0 GW **)&r->f0, other);"}},
    {"interior",
     {"slot = &r->f1;", "use_slot(&r->f1);", "use_slot(n & 1 ? &r->f1 : &other->f0);", "letters = &r->bytes[n & 7];",
      "struct t0 GW *GW *at = &r->f0; at++; use_slot(at);", "slot = n > 3 ? &r->f0 : &other->f1;", "letters = r->bytes; letters += n;",
      "struct inside { char GW *p; } in = {&r->bytes[n & 7]}; fill(&in);"}},
    {"union",
     {"union hidden u; u.word[1] = n; u.reference = r; fill(&u); mix(u.word[0]);", "union hidden u = {r}; fill(&u);",
      "static union hidden u; u.reference = r; fill(&u);", "static union hidden u; u.reference = r; may_collect(); mix(u.reference->tag);",
      "union hidden all[3]; all[n & 1].reference = r; fill(all);"}},
    {"bytes",
     {"char buffer[64] __attribute__((aligned(8))); *(struct t0 GW **)(buffer + 8) = r; fill(buffer);",
      "uint64_t buffer[4] = {0}; *(struct t0 GW **)&buffer[n & 3] = r; fill(buffer);",
      "char buffer[sizeof(struct t0)]; memcpy(buffer, (void *)r, sizeof buffer); may_collect(); memcpy((void *)other, buffer, "
      "sizeof buffer);",
      "uint64_t word; memcpy(&word, &r, 8); may_collect(); memcpy(&r, &word, 8); mix(r->tag);",
      "uint64_t word; memcpy(&word, (void *)&r->f0, 8); may_collect(); memcpy((void *)&other->f1, &word, 8);",
      "char buffer[32] __attribute__((aligned(8))); char *p = buffer + 8 * (n & 1); *(struct t0 GW **)p = r; fill(buffer);",
      "uint64_t GW *from = (uint64_t GW *)r; uint64_t GW *to = (uint64_t GW *)other; uint64_t w = from[n & 1]; may_collect(); to[n & 1] = "
      "w;"}},
    {"arrays",
     {"struct t0 GW *all[n + 1]; fill(all);", "struct t0 GW **all = __builtin_alloca(8 * n); all[0] = r; fill(all);",
      "struct cell all[n + 1]; all[n].r = r; fill(all);", "char *all = __builtin_alloca(64 + n); ((struct t0 GW **)all)[1] = r; fill(all);",
      "long many_longs[n + 2]; *(struct t0 GW **)&many_longs[1] = r; fill(many_longs);"}},
    {"numbers",
     {"struct two { uint64_t a, b; } q; struct cell c = {r, n}; memcpy(&q, &c, sizeof q); may_collect(); memcpy(&c, &q, sizeof c); "
      "mix(c.r->tag);",
      "struct two { uint64_t a, b; }; struct cell c = {r, n}; struct two q = *(struct two *)&c; mix(q.b);",
      "static uint64_t word; memcpy(&word, &r, 8); may_collect(); memcpy(&r, &word, 8); mix(r->tag);",
      "struct t0 GW *a = r, *b = other; exchange_words((uint64_t *)&a, (uint64_t *)&b); mix(a->tag + b->tag);",
      "struct cell a = {r, 1}, b = {other, 2}; exchange_words((uint64_t *)&a, (uint64_t *)&b); fill(&a); fill(&b);",
      "struct t0 GW *a = r, *b = other; exchange_bytes((char *)&a, (char *)&b); mix(a->tag + b->tag);",
      "uint64_t w = (uint64_t)(uintptr_t)r; may_collect(); mix(read_place((struct t0 GW **)&w)->tag);",
      "*(struct t0 GW *GW *)&r->tag = other; may_collect();", "memcpy((void *)&r->tag, &other, 8); may_collect();",
      "struct cell a = {r, 1}, b = {other, 2}; rewrite_words((uint64_t *)&a, (uint64_t *)(&a + 1)); fill(&a); fill(&b);",
      "struct cell a = {r, 1}; uint64_t w; move_word(&w, (uint64_t *)&a); may_collect(); move_word((uint64_t *)&a, &w); fill(&a);"}},
    {"variadic", {"many(1, r);", "many(2, n, r);", "many(1, (void GW *)other);"}},
    {"malloc",
     {"struct cell *c = malloc(sizeof *c); c->r = r; fill(c);", "struct cell *c = calloc(n, sizeof *c); c[1].r = r; fill(c);",
      "struct cell *c = realloc(NULL, 80); set(c, r); fill(c);", "struct cell *c = malloc(sizeof *c); set(c, r); fill(c);",
      "struct t0 GW **c = aligned_alloc(16, 64); c[n & 3] = r; fill(c);",
      "struct cell *c = malloc(sizeof *c); struct cell local = {r, n}; *c = local; fill(c);",
      "struct cell *c = malloc(sizeof *c); struct cell local = {r, n}; memcpy(c, &local, sizeof local); fill(c);"}},
    {"packed", {"struct packed p = {1, r}; fill(&p);", "struct nine all[3] = {{r, 1}, {other, 2}, {r, 3}}; fill(all);"}},
    {"assembler",
     {"__asm__(\"xor %0, %0\" : \"=r\"(r)); mix(r->tag);", "__asm__(\"movq $0, %0\" : \"=m\"(r)); may_collect(); mix(r->tag);",
      "__asm__(\"\" : \"+r\"(r)); may_collect(); mix(r->tag);", "__asm__ goto(\"\" : : : : out); out: mix(r->tag);",
      "if (jump_always(n)) mix(r->tag);"}},
    {"intrinsics",
     {"mix((uint64_t)__builtin_frame_address(0) & 0); __builtin_unwind_init(); if (__builtin_setjmp(words)) mix(r->tag);",
      "__builtin_ia32_maskmovdqu((lanes){1, 2}, (lanes){-1, -1}, (char *)r->bytes);", "move_lanes_always((char *)r->bytes);"}},
    {"atomics",
     {"__atomic_exchange_n((uint64_t *)&r->f0, n, 5);", "__atomic_store_n((uint64_t *)&r->f0, n, 0);",
      "__atomic_fetch_or((uint64_t *)&r->f0, n, 5);", "struct cell c = {r, n}; __atomic_store_n((uint64_t *)&c.r, n, 0); fill(&c);"}},
    /* Alike at every level, but not all refused. */
    {"setjmp",
     {"if (setjmp(place)) mix(r->tag); may_collect();", "if (_setjmp(place)) mix(r->tag); may_collect();",
      "if (__sigsetjmp((struct __jmp_buf_tag *)place, 1)) mix(r->tag); may_collect();",
      "if (__builtin_setjmp(words)) mix(r->tag); may_collect();", "const char *p = (const char *)r->bytes; if (setjmp(place)) mix(*p);",
      "uint64_t w; memcpy(&w, &r, 8); if (setjmp(place)) memcpy(&r, &w, 8); mix(r->tag);"}},
    {"inlined",
     {"set_word((uint64_t *)&r, n); may_collect(); mix(r->tag);",
      "struct cell c = {r, n}; set_word((uint64_t *)&c, n); may_collect(); mix(c.w);", "set_word((uint64_t *)&r->f0, n); may_collect();",
      "char buffer[64] __attribute__((aligned(8))); put((struct t0 GW **)buffer, r); fill(buffer);",
      "keep((const char *)r->bytes); may_collect();", "const char *p; keep_in(&p, (const char *)r->bytes); may_collect(); mix(look(p));",
      "may_collect(); mix(jump(n) + r->tag);", "move_lanes((char *)r->bytes); may_collect();",
      "struct view v = view_of((const char *)r->bytes); may_collect(); mix(look(v.bytes));", "mix(liar((const char *)r->bytes));",
      "const char *p = strchr((const char *)r->bytes, 3); if (p) mix(look(p));", "struct cell *c = cell_for(n); c->r = r; fill(c);"}},
    {"moved",
     {"const char *p = (const char *)r->bytes; while (look(p)) { may_collect(); p++; }",
      "for (uint64_t i = 0; i < n; i++) { may_collect(); mix(look(n > 5 ? (const char *)r->bytes : words_of(3))); }",
      "for (uint64_t i = 0; i < n; i++) { may_collect(); mix(look(n > 5 ? (const char *)&r->bytes[n & 3] : \"none\")); }",
      "for (uint64_t i = 0; i < n; i++) { may_collect(); mix(look(other ? (const char *)other->bytes : (const char *)r->bytes)); }",
      "struct both { uint64_t w; struct t0 GW *r; } b = {n, r}; put((struct t0 GW **)&b.w, r); may_collect(); mix(b.r->tag);"}},
    {"disguise",
     {"void *p = ((void *(*)(void))from_nothing)(); fill(p);", "void *(*hidden)(void) = (void *(*)(void))from_nothing; fill(hidden());",
      "*(volatile uintptr_t *)&r = n; may_collect(); mix(r->tag);", "struct cell c = {r, n}; *(volatile uintptr_t *)&c.r = n; fill(&c);"}},
};

enum { CONSTRUCTS = sizeof constructs / sizeof constructs[0] };

static const char prelude[] = "struct t0 { uint64_t tag; struct t0 GW *f0, *f1; char bytes[16]; };\n"
                              "GW_TYPE(t0, struct t0);\n"
                              "struct cell { struct t0 GW *r; uint64_t w; };\n"
                              "union hidden { struct t0 GW *reference; long word[2]; };\n"
                              "struct __attribute__((packed)) packed { char tag; struct t0 GW *r; };\n"
                              "struct __attribute__((packed)) nine { struct t0 GW *r; char tag; };\n"
                              "struct view { const char *bytes; long n; };\n"
                              "void may_collect(void);\n"
                              "__attribute__((returns_twice)) int twice(void *);\n"
                              "void use(const char *);\n"
                              "void use_struct(struct view *);\n"
                              "void use_slot(struct t0 GW *GW *);\n"
                              "void fill(void *);\n"
                              "void many(int count, ...);\n"
                              "struct t0 GW *make(struct t0 GW *);\n"
                              "struct t0 GW *from_nothing(void) { return gw_new(t0); }\n"
                              "uint64_t other_subject(struct t0 GW *r, struct t0 GW *other, uint64_t n);\n"
                              "static jmp_buf place;\n"
                              "static void *words[5];\n"
                              "extern struct t0 *native;\n"
                              "static struct t0 table[4];\n"
                              "static const char *kept;\n"
                              "static struct t0 GW *GW *slot;\n"
                              "static char GW *letters;\n"
                              "typedef char lanes __attribute__((vector_size(16)));\n"
                              "const char *words_of(uint64_t n);\n"
                              "GW_NOCOLLECT uint64_t look(const char *);\n"
                              "GW_NOCOLLECT const char *outside(const char *);\n"
                              "struct cell *cell_for(uint64_t n);\n"
                              "static const char *skip(const char *p) { return p + 1; }\n"
                              "static void keep(const char *p) { kept = p; }\n"
                              "static void keep_in(const char **where, const char *p) { *where = p; }\n"
                              "static void set_word(uint64_t *p, uint64_t n) { *p = n; }\n"
                              "static void put(struct t0 GW **p, struct t0 GW *r) { *p = r; }\n"
                              "static struct view view_of(const char *p) { return (struct view){p, 3}; }\n"
                              "GW_NOCOLLECT static uint64_t liar(const char *p) { may_collect(); return p[1]; }\n"
                              "static uint64_t jump(uint64_t n)\n"
                              "{ __asm__ goto(\"test %0, %0; jz %l1\" : : \"r\"(n) : \"cc\" : zero); return n; zero: return 1; }\n"
                              "static inline __attribute__((always_inline)) uint64_t jump_always(uint64_t n)\n"
                              "{ __asm__ goto(\"test %0, %0; jz %l1\" : : \"r\"(n) : \"cc\" : zero); return n; zero: return 1; }\n"
                              "static void move_lanes(char *to) { __builtin_ia32_maskmovdqu((lanes){1, 2}, (lanes){-1, -1}, to); }\n"
                              "static inline __attribute__((always_inline)) void move_lanes_always(char *to)\n"
                              "{ __builtin_ia32_maskmovdqu((lanes){1, 2}, (lanes){-1, -1}, to); }\n"
                              "static struct t0 GW *read_place(struct t0 GW **p) { return *p; }\n"
                              "static void exchange_words(uint64_t *a, uint64_t *b)\n"
                              "{ uint64_t kept = *a; may_collect(); *a = *b; *b = kept; }\n"
                              "static void rewrite_words(uint64_t *a, uint64_t *end)\n"
                              "{ for (; a < end; a++) { uint64_t word = *a; may_collect(); *a = word; } }\n"
                              "static void move_word(uint64_t *to, const uint64_t *from) { *to = *from; }\n"
                              "static void exchange_bytes(char *a, char *b)\n"
                              "{ char kept[8]; memcpy(kept, a, 8); may_collect(); memcpy(a, b, 8); memcpy(b, kept, 8); }\n"
                              "__attribute__((noinline)) static void set(struct cell *c, struct t0 GW *r) { c->r = r; }\n"
                              "const void *keep_used(void) { return kept + (slot != NULL) + (letters != NULL) + (table[0].tag != 0); }\n\n";

static void print_in_place(struct program *program, const char *form)
{
    switch (random_below(&program->random, 4)) {
    case 0: line(program, "%s", form); break;
    case 1: line(program, "if (n > 3) { %s }", form); break;
    case 2: line(program, "for (uint64_t k = 0; k < n; k++) { may_collect(); %s }", form); break;
    default: line(program, "may_collect(); mix(other ? other->tag : n); { %s } may_collect();", form);
    }
}

static void print_subject(struct program *program, const char *form)
{
    static const char *const heads[] = {"uint64_t subject", "static inline uint64_t inner",
                                        "__attribute__((noinline)) static uint64_t inner"};
    int how = random_below(&program->random, 3);
    open_block(program, text("%s(struct t0 GW *r, struct t0 GW *other, uint64_t n) ", heads[how]));
    print_in_place(program, form);
    line(program, "return r ? r->tag : 0;");
    close_block(program);
    if (!how) return;
    open_block(program, "uint64_t subject(struct t0 GW *r, struct t0 GW *other, uint64_t n) ");
    line(program, "uint64_t sum = inner(r, other, n);");
    line(program, "return sum + (other ? other->tag : 0);");
    close_block(program);
}

bool print_refused(struct program *program, const char *name)
{
    for (int i = 0; i < CONSTRUCTS; i++) {
        if (strcmp(constructs[i].name, name) != 0) continue;
        int forms = 0;
        while (constructs[i].forms[forms]) forms++;
        const char *form = constructs[i].forms[random_below(&program->random, forms)];
        fputs("#include \"memory.h\"\n\n", program->out);
        fputs(prelude, program->out);
        print_subject(program, form);
        return true;
    }
    return false;
}

void list_refused(FILE *file)
{
    for (int i = 0; i < CONSTRUCTS; i++) fprintf(file, " %s", constructs[i].name);
}
