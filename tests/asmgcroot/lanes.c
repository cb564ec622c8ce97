/* Runs each vector instruction of lanes.sh's table on registers full of different words, and compares every lane of the result with
 * what the tool says it is a copy of. What the tool does not follow is counted: each form must be followed for some immediate. */
#include "x86_64/lanes.h"

#include <stdio.h>
#include <stdlib.h>

enum { WORDS = 8 };

struct machine {
    uint64_t before[3][WORDS]; /* registers 0 to 2; the last is the target */
    uint64_t memory[WORDS];    /* at (%rsi) */
    uint64_t after[WORDS];
};

struct test {
    const char *text, *form;
    void (*run)(struct machine *machine, uint64_t *memory);
};
extern const struct test tests[];
extern const size_t test_count;

static void fill(struct machine *machine)
{
    for (unsigned word = 0; word < WORDS; word++) {
        for (unsigned r = 0; r < 3; r++) machine->before[r][word] = 0x1111000011110000u * (r + 1) + 0x100000001u * (word + 1);
        machine->memory[word] = 0x9999000099990000u + 0x100000001u * (word + 1);
    }
}

static uint64_t word_of(const struct machine *machine, const struct lane_source *source)
{
    const struct operand *operand = source->operand;
    return operand->kind == OPERAND_MEMORY ? machine->memory[source->word] : machine->before[operand->reg - VECTOR_REGISTER][source->word];
}

static struct instruction instruction_of(const char *line)
{
    struct instruction instruction = {0};
    struct text text = {line, strlen(line)};
    size_t size = strcspn(line, " ");
    instruction_read(&instruction, (struct text){line, size}, (struct text){line + size + 1, text.size - size - 1});
    return instruction;
}

static bool followed(const struct test *test, const struct machine *machine, const struct instruction *instruction)
{
    bool any = false;
    for (unsigned lane = 0; lane < WORDS; lane++) {
        if (!instruction->avx && lane > 1) continue;
        struct lane_source source = lane_source(instruction, lane);
        if (source.kind == LANE_UNCLEAR) continue;
        if (source.kind == LANE_NUMBER && machine->after[lane] == 0) continue;
        any |= source.kind == LANE_COPY;
        if (source.kind == LANE_COPY && source.word < WORDS && word_of(machine, &source) == machine->after[lane]) continue;
        printf("%s: lane %u is %016llx, and is said to be %s, word %u\n", test->text, lane, (unsigned long long)machine->after[lane],
               source.kind == LANE_NUMBER ? "cleared" : "a copy", source.word);
        exit(1);
    }
    return any;
}

int main(void)
{
    struct machine machine;
    const char *form = "";
    bool any = true;
    size_t copies = 0;
    for (size_t i = 0; i < test_count; i++) {
        if (strcmp(form, tests[i].form) != 0 && !any) {
            printf("%s: followed for no immediate\n", form);
            return 1;
        }
        if (strcmp(form, tests[i].form) != 0) any = false;
        form = tests[i].form;
        fill(&machine);
        tests[i].run(&machine, machine.memory);
        struct instruction instruction = instruction_of(tests[i].text);
        bool here = followed(&tests[i], &machine, &instruction);
        any |= here;
        copies += here;
    }
    printf("%zu instructions, %zu of them followed\n", test_count, copies);
    return any ? 0 : 1;
}
