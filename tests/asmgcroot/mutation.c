/* Mutated assembler: fixtures and random cuts of them, changed at random, must be read to the end without a crash,
 * whatever the tool then says. Built with sanitizers; prints its seed.
 *
 *     mutation <seconds> <seed> <file>...
 */
#include "analysis.h"
#include "input.h"

#include <stdlib.h>
#include <time.h>

static uint64_t state;

static uint64_t random_below(uint64_t bound)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return bound ? state % bound : 0;
}

struct sample {
    char *at;
    size_t size, room;
};

static void insert(struct sample *sample, size_t place, const char *text, size_t size)
{
    if (sample->size + size > sample->room) return;
    memmove(sample->at + place + size, sample->at + place, sample->size - place);
    memcpy(sample->at + place, text, size);
    sample->size += size;
}

static void cut(struct sample *sample, size_t place, size_t size)
{
    if (size > sample->size - place) size = sample->size - place;
    memmove(sample->at + place, sample->at + place + size, sample->size - place - size);
    sample->size -= size;
}

static const char *const tokens[] = {"%rax",
                                     "%rsp",
                                     "%rbx",
                                     "(%rsp)",
                                     "8(%rbp)",
                                     "(,%rax,8)",
                                     "%xmm0",
                                     "%ymm3",
                                     "$0",
                                     "$-1",
                                     ",",
                                     "(",
                                     ")",
                                     "*",
                                     "\n",
                                     ":",
                                     ";",
                                     "\"",
                                     "#",
                                     "/*",
                                     "*/",
                                     "\tcall\tg\n",
                                     "\tpushq\t%rbx\n",
                                     "\tpopq\t%rbp\n",
                                     "\tjmp\t.L2\n",
                                     ".L2:\n",
                                     "# BLOCK 3\n",
                                     "# SUCC:\n",
                                     "\tleave\n",
                                     "\t.text\n",
                                     "\t.cfi_remember_state\n",
                                     "\t.cfi_restore_state\n",
                                     "\t.cfi_endproc\n",
                                     "/* GCROOT %rbx */",
                                     "/* GCROOTS 3 (%rsp) */",
                                     "/* GCROOTS 4000 8(%rsp) */",
                                     "\tmovq\t%rbx, %rax\n",
                                     "\trep stosq\n",
                                     "\tandq\t$-32, %rsp\n",
                                     "\tsubq\t%rax, %rsp\n",
                                     "9999999999",
                                     "\tcmove\t%rax, %rbx\n",
                                     "\tmovups\t%xmm0, (%rsp)\n",
                                     "\t.section a,\"ax\"\n",
                                     "\t.type\tf, @function\nf:\n",
                                     "1:",
                                     "1b",
                                     "\tret\n"};

static void mutate(struct sample *sample)
{
    size_t place = random_below(sample->size + 1), other = random_below(sample->size + 1);
    const char *token = tokens[random_below(sizeof tokens / sizeof *tokens)];
    size_t length = random_below(60), copied = other + length <= sample->size ? length : 0;
    char piece[64];
    memcpy(piece, sample->at + other, copied);
    switch (random_below(5)) {
    case 0: insert(sample, place, token, strlen(token)); break;
    case 1: cut(sample, place, length); break;
    case 2: insert(sample, place, piece, copied); break;
    case 3:
        if (place < sample->size) sample->at[place] = (char)random_below(256);
        break;
    default: sample->size = place; break;
    }
}

static void try_file(struct text file, FILE *nowhere)
{
    struct sample sample = {malloc(file.size + 8192), file.size, file.size + 8192};
    const struct analysis_options options = {.explain = TEXT("f"), .dot = TEXT("g"), .all = random_below(2)};
    if (!sample.at) abort();
    memcpy(sample.at, file.at, file.size);
    for (uint64_t mutations = 1 + random_below(12); mutations-- > 0;) mutate(&sample);
    sample.at = realloc(sample.at, sample.size + 1); /* so that a byte beyond the end is caught */
    analyse("mutated", (struct text){sample.at, sample.size}, &options, nowhere, nowhere, nowhere);
    free(sample.at);
}

int main(int argc, char **argv)
{
    if (argc < 4) return fprintf(stderr, "usage: mutation <seconds> <seed> <file>...\n"), 2;
    time_t end = time(NULL) + atoi(argv[1]);
    uint64_t seed = strtoull(argv[2], NULL, 0) ? strtoull(argv[2], NULL, 0) : (uint64_t)time(NULL), rounds = 0;
    struct text files[256];
    int count = argc - 3 < 256 ? argc - 3 : 256;
    FILE *nowhere = fopen("/dev/null", "w");
    if (!nowhere) return perror("/dev/null"), 2;
    for (int i = 0; i < count; i++) files[i] = input_read(argv[i + 3]);
    state = seed * 0x9e3779b97f4a7c15u | 1;
    printf("seed %llu\n", (unsigned long long)seed);
    fflush(stdout);
    for (; time(NULL) < end; rounds++) try_file(files[random_below((uint64_t)count)], nowhere);
    printf("%llu mutated files\n", (unsigned long long)rounds);
    fclose(nowhere);
    for (int i = 0; i < count; i++) free((char *)files[i].at);
    return 0;
}
