#include "shapes.h"

static const char declarations[] = "#ifdef PLAIN\n"
                                   "#define GW\n"
                                   "#define GW_TYPE(name, type)\n"
                                   "#define gw_new(type) new_##type()\n"
                                   "#else\n"
                                   "#include <greywave/greywave.h>\n"
                                   "#endif\n"
                                   "struct node {\n"
                                   "    struct node GW *next;\n"
                                   "    long value;\n"
                                   "};\n"
                                   "GW_TYPE(node, struct node);\n"
                                   "struct node GW *new_node(void);\n"
                                   "struct node GW *make(long value);\n"
                                   "void use(struct node GW *node);\n"
                                   "void work(void);\n";

static void print_sum(FILE *out, int size)
{
    fputs("    long sum = 0;\n", out);
    for (int i = 0; i < size; i++) fprintf(out, "    sum += a%d->value;\n", i);
    fputs("    return sum;\n}\n", out);
}

static void print_live_calls(FILE *out, int size)
{
    fputs("long function(void)\n{\n", out);
    for (int i = 0; i < size; i++) fprintf(out, "    struct node GW *a%d = make(%d);\n", i, i);
    for (int i = 0; i < size; i++) fputs("    work();\n", out);
    print_sum(out, size);
}

static void print_kept(FILE *out, int size)
{
    fputs("long function(void)\n{\n", out);
    for (int i = 0; i < size; i++) fprintf(out, "    struct node GW *a%d = gw_new(node);\n", i);
    print_sum(out, size);
}

static void print_allocations(FILE *out, int size)
{
    fputs("void function(void)\n{\n", out);
    for (int i = 0; i < size; i++)
        fprintf(out, "    {\n        struct node GW *a = gw_new(node);\n        a->value = %d;\n        use(a);\n    }\n", i);
    fputs("}\n", out);
}

static void print_cases(FILE *out, int size)
{
    fputs("struct node GW *function(struct node GW *last, long which)\n{\n    for (;;) switch (which) {\n", out);
    for (int i = 0; i < size; i++)
        fprintf(out,
                "        case %d: {\n            struct node GW *a = make(%d);\n            a->next = last;\n            use(a);\n"
                "            last = a;\n            which = a->value;\n            break;\n        }\n",
                i, i);
    fputs("        default: return last;\n        }\n}\n", out);
}

static void print_changing(FILE *out, int size)
{
    enum { VARIABLES = 100 };
    fputs("long function(long which)\n{\n", out);
    for (int i = 0; i < VARIABLES; i++) fprintf(out, "    struct node GW *a%d = make(%d);\n", i, i);
    for (int i = 0; i < size; i++)
        fprintf(out, "    if (which & %d) a%d = a%d->next;\n    else work();\n", i, i * 7 % VARIABLES, i * 13 % VARIABLES);
    print_sum(out, VARIABLES);
}

static void print_stores(FILE *out, int size)
{
    fputs("void function(struct node GW *a, struct node GW *b)\n{\n", out);
    for (int i = 0; i < size; i++) fputs("    a->next = b;\n    use(b);\n", out);
    fputs("}\n", out);
}

static void print_functions(FILE *out, int size)
{
    for (int i = 0; i < size; i++)
        fprintf(out,
                "struct node GW *function%d(struct node GW *last)\n{\n    struct node GW *a = gw_new(node);\n    a->next = last;\n"
                "    use(a);\n    return last;\n}\n",
                i);
}

const struct shape shapes[] = {
    {"live references", 1000, 100, print_live_calls},
    {"live references", 3000, 300, print_live_calls},
    {"kept allocations", 3000, 300, print_kept},
    {"allocations", 10000, 1000, print_allocations},
    {"cases", 20000, 1000, print_cases},
    {"changing variables", 3000, 300, print_changing},
    {"stores", 10000, 1000, print_stores},
    {"functions", 10000, 1000, print_functions},
};
const int shape_count = sizeof shapes / sizeof *shapes;

void shape_print(const struct shape *shape, int size, FILE *out)
{
    fputs(declarations, out);
    shape->print(out, size);
}
