/* Pieces of programs that docs/constructs.md refuses: one construct, in one of its forms, somewhere in a function. Whether and
 * with which words they are refused may not depend on the level of optimisation (refused_programs.sh). */
#include "statements.h"
#include <string.h>

enum { MOST_FORMS = 7 };

/* `r` and `other` are references, n is a number. */
static const struct {
    const char *name;
    const char *forms[MOST_FORMS + 1];
} constructs[] = {
    {"setjmp",
     {"if (setjmp(place)) mix(r->tag); may_collect();", "if (_setjmp(place)) mix(r->tag); may_collect();",
      "if (__sigsetjmp((struct __jmp_buf_tag *)place, 1)) mix(r->tag); may_collect();",
      "if (__builtin_setjmp(words)) mix(r->tag); may_collect();"}},
    {"integer",
     {"r = (struct t0 GW *)(uintptr_t)n; may_collect(); mix(r->tag);", "r->f0 = (struct t0 GW *)(n * 8); may_collect();",
      "r = (struct t0 GW *)((uintptr_t)r ^ n); may_collect(); mix(r->tag);",
      "uintptr_t a = (uintptr_t)r; may_collect(); r = (struct t0 GW *)a; mix(r->tag);",
      "r = make((struct t0 GW *)(uintptr_t)n);"}},
    {"native", {"r = (struct t0 GW *)native; may_collect(); mix(r->tag);", "r->f0 = (struct t0 GW *)native;",
                "r->f0 = (struct t0 GW *)&table[n & 3];"}},
    {"view",
     {"kept = (const char *)r->bytes;", "use((const char *)r->bytes);", "use((const char *)r);",
      "use_struct(&(struct view){(const char *)r->bytes, 3});", "kept = strchr((const char *)r->bytes, 3);"}},
    {"interior",
     {"slot = &r->f1;", "use_slot(&r->f1);", "use_slot(n & 1 ? &r->f1 : &other->f0);", "letters = &r->bytes[n & 7];",
      "struct t0 GW *GW *at = &r->f0; at++; use_slot(at);"}},
    {"union", {"union hidden u; u.word[1] = n; u.reference = r; fill(&u); mix(u.word[0]);",
               "union hidden u = {r}; fill(&u);", "static union hidden u; u.reference = r; fill(&u);"}},
    {"bytes",
     {"char buffer[64] __attribute__((aligned(8))); *(struct t0 GW **)(buffer + 8) = r; fill(buffer);",
      "uint64_t buffer[4] = {0}; *(struct t0 GW **)&buffer[n & 3] = r; fill(buffer);",
      "char buffer[sizeof(struct t0)]; memcpy(buffer, (void *)r, sizeof buffer); may_collect(); memcpy((void *)other, buffer, "
      "sizeof buffer);",
      "uint64_t word; memcpy(&word, &r, 8); may_collect(); memcpy(&r, &word, 8); mix(r->tag);",
      "uint64_t word; memcpy(&word, (void *)&r->f0, 8); may_collect(); memcpy((void *)&other->f1, &word, 8);"}},
    {"arrays", {"struct t0 GW *all[n + 1]; fill(all);", "struct t0 GW **all = __builtin_alloca(8 * n); all[0] = r; fill(all);"}},
    {"variadic", {"many(1, r);", "many(2, n, r);", "many(1, (void GW *)other);", "through_list(1, n);"}},
    {"malloc",
     {"struct cell *c = malloc(sizeof *c); c->r = r; fill(c);", "struct cell *c = calloc(n, sizeof *c); c[1].r = r; fill(c);",
      "struct cell *c = realloc(NULL, 80); set(c, r); fill(c);", "struct cell *c = malloc(sizeof *c); set(c, r); fill(c);",
      "struct t0 GW **c = aligned_alloc(16, 64); c[n & 3] = r; fill(c);",
      "struct cell *c = malloc(sizeof *c); struct cell local = {r, n}; *c = local; fill(c);",
      "struct cell *c = malloc(sizeof *c); struct cell local = {r, n}; memcpy(c, &local, sizeof local); fill(c);"}},
    {"packed", {"struct packed p = {1, r}; fill(&p);", "struct nine all[3] = {{r, 1}, {other, 2}, {r, 3}}; fill(all);"}},
    {"assembler",
     {"__asm__(\"xor %0, %0\" : \"=r\"(r)); mix(r->tag);", "__asm__(\"movq $0, %0\" : \"=m\"(r)); may_collect(); mix(r->tag);",
      "__asm__(\"\" : \"+r\"(r)); may_collect(); mix(r->tag);"}},
    {"disguise",
     {"void *p = ((void *(*)(void))from_nothing)(); fill(p);", "*(volatile uintptr_t *)&r = n; may_collect(); mix(r->tag);",
      "struct cell c = {r, n}; *(volatile uintptr_t *)&c.r = n; fill(&c);"}},
};

enum { CONSTRUCTS = sizeof constructs / sizeof constructs[0] };

static const char prelude[] =
    "struct t0 { uint64_t tag; struct t0 GW *f0, *f1; char bytes[16]; };\n"
    "GW_TYPE(t0, struct t0);\n"
    "struct cell { struct t0 GW *r; uint64_t w; };\n"
    "union hidden { struct t0 GW *reference; long word[2]; };\n"
    "struct __attribute__((packed)) packed { char tag; struct t0 GW *r; };\n"
    "struct __attribute__((packed)) nine { struct t0 GW *r; char tag; };\n"
    "struct view { const char *bytes; long n; };\n"
    "void may_collect(void);\n"
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
    "__attribute__((noinline)) static void set(struct cell *c, struct t0 GW *r) { c->r = r; }\n"
    "const void *keep_used(void) { return kept + (slot != NULL) + (letters != NULL) + (table[0].tag != 0); }\n\n";

/* Refused by itself. */
static const char list_function[] =
    "__attribute__((noinline)) static void through_list(int count, ...)\n"
    "{\n"
    "    va_list list;\n"
    "    va_start(list, count);\n"
    "    struct t0 GW *r = va_arg(list, struct t0 GW *);\n"
    "    may_collect();\n"
    "    mix(r->tag);\n"
    "    va_end(list);\n"
    "}\n\n";

static void print_prelude(struct program *program, const char *form)
{
    fputs(prelude, program->out);
    if (strstr(form, "through_list")) fputs(list_function, program->out);
}

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
        print_prelude(program, form);
        print_subject(program, form);
        return true;
    }
    return false;
}

void list_refused(FILE *file)
{
    for (int i = 0; i < CONSTRUCTS; i++) fprintf(file, " %s", constructs[i].name);
}
