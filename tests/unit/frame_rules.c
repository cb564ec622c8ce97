/* The rules of every function of every image that is loaded, row by row, against elfutils' reader of the same sections.
 */
#define _GNU_SOURCE /* dl_iterate_phdr */
#include "os/linux/loaded_code.h"
#include "roots/frame_rules.h"

#include <criterion/criterion.h>
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct image {
    uintptr_t bias;
    char path[512];
    const uint8_t *header; /* of its search table */
};

static struct image images[64];
static size_t image_count, rows_compared;

static int note_image(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size, (void)context;
    struct image image = {.bias = info->dlpi_addr};
    strncpy(image.path, *info->dlpi_name ? info->dlpi_name : "/proc/self/exe", sizeof image.path - 1);
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_GNU_EH_FRAME) image.header = (const uint8_t *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
    if (image.header && access(image.path, R_OK) == 0 && image_count < 64) images[image_count++] = image;
    return 0;
}

/* ---- What elfutils says ------------------------------------------------------------------------------ */

/* DW_OP_call_frame_cfa, then maybe an addition. */
static bool is_cfa_plus(const Dwarf_Op *ops, size_t count, int64_t number)
{
    if (!count || ops[0].atom != DW_OP_call_frame_cfa) return false;
    if (count == 1) return number == 0;
    return count == 2 && ops[1].atom == DW_OP_plus_uconst && (int64_t)ops[1].number == number;
}

static bool agrees(const struct gw_frame_rule *rule, unsigned reg, const Dwarf_Op *memory, const Dwarf_Op *ops, size_t count)
{
    bool undefined = count == 0 && ops == memory, same = count == 0 && !ops;
    bool is_value = count && ops[count - 1].atom == DW_OP_stack_value;
    switch ((enum gw_rule_kind)rule->kind) {
    case GW_RULE_UNSPECIFIED: return reg == GW_DWARF_SP ? is_value : count == 0; /* of rbx elfutils thinks that it is not preserved */
    case GW_RULE_UNDEFINED: return undefined;
    case GW_RULE_SAME: return same;
    case GW_RULE_SAVED: return is_cfa_plus(ops, count, rule->number);
    case GW_RULE_IS: return is_value && is_cfa_plus(ops, count - 1, rule->number);
    case GW_RULE_IN_REGISTER: return count == 1 && ops[0].atom == DW_OP_regx && (int64_t)ops[0].number == rule->number;
    case GW_RULE_SAVED_AT: return count && !is_value;
    case GW_RULE_IS_RESULT: return is_value;
    }
    return false;
}

static bool cfa_agrees(const struct gw_frame_rules *rules, const Dwarf_Op *ops, size_t count)
{
    if (rules->cfa.kind == GW_RULE_IS_RESULT) return count > 1;
    if (count != 1 || rules->cfa.kind != GW_RULE_IN_REGISTER) return false;
    if (ops[0].atom == DW_OP_bregx) return ops[0].number == rules->cfa_register && (int64_t)ops[0].number2 == rules->cfa.number;
    return ops[0].atom == DW_OP_breg0 + rules->cfa_register && (int64_t)ops[0].number == rules->cfa.number;
}

/* ---- Comparing --------------------------------------------------------------------------------------- */

/* Returns where the next row begins. */
static uintptr_t compare_row(const struct image *image, const struct gw_unwind_program *program, uintptr_t pc, Dwarf_CFI *cfi)
{
    Dwarf_Frame *frame = NULL;
    struct gw_frame_rules rules;
    Dwarf_Addr start, end;
    bool is_signal;
    Dwarf_Op *ops, memory[3];
    size_t count;
    cr_assert_eq(dwarf_cfi_addrframe(cfi, pc - image->bias, &frame), 0, "%s", dwarf_errmsg(-1));
    cr_assert(gw_frame_rules_at(program, pc, &rules), "%s: %#lx", image->path, (unsigned long)(pc - image->bias));
    dwarf_frame_info(frame, &start, &end, &is_signal);
    cr_assert_eq(is_signal, program->is_signal);
    cr_assert_eq(dwarf_frame_cfa(frame, &ops, &count), 0);
    cr_assert(cfa_agrees(&rules, ops, count), "%s: the CFA at %#lx", image->path, (unsigned long)(pc - image->bias));
    for (unsigned reg = 0; reg < GW_DWARF_REGISTERS; reg++) {
        cr_assert_eq(dwarf_frame_register(frame, (int)reg, memory, &ops, &count), 0);
        cr_assert(agrees(&rules.registers[reg], reg, memory, ops, count), "%s: register %u at %#lx", image->path, reg,
                  (unsigned long)(pc - image->bias));
    }
    free(frame);
    rows_compared++;
    return end + image->bias;
}

static void compare_function(const struct image *image, uintptr_t start, Dwarf_CFI *cfi)
{
    struct gw_unwind_program program;
    cr_assert(gw_unwind_search(image->header, start, &program), "%s: %#lx", image->path, (unsigned long)(start - image->bias));
    cr_assert_eq(program.start, start);
    cr_assert_eq(gw_os_unwind_header(start), image->header);
    for (uintptr_t pc = start; pc < start + program.size;) pc = compare_row(image, &program, pc, cfi);
}

/* The search table has 32-bit distances from the header, behind 12 bytes: its usual shape. */
static void compare_image(const struct image *image)
{
    int file = open(image->path, O_RDONLY);
    elf_version(EV_CURRENT);
    Elf *elf = elf_begin(file, ELF_C_READ, NULL);
    Dwarf_CFI *cfi = dwarf_getcfi_elf(elf);
    cr_assert_not_null(cfi, "%s", image->path);
    const int32_t *pairs = (const int32_t *)(image->header + 12);
    uint32_t count;
    memcpy(&count, image->header + 8, sizeof count);
    for (uint32_t i = 0; i < count; i++) compare_function(image, (uintptr_t)image->header + (uintptr_t)(intptr_t)pairs[2 * i], cfi);
    dwarf_cfi_end(cfi);
    elf_end(elf);
    close(file);
}

Test(frame_rules, each_row_of_each_loaded_function_is_as_elfutils_reads_it, .timeout = 300)
{
    dl_iterate_phdr(note_image, NULL);
    for (size_t i = 0; i < image_count; i++) compare_image(&images[i]);
    cr_assert_geq(image_count, 4);
    cr_assert_geq(rows_compared, 20000);
}

/* ---- Made by hand ------------------------------------------------------------------------------------ */

enum { CODE = 0x1000, CODE_SIZE = 0x100 };

static struct gw_unwind_program program_of(const uint8_t *own, size_t size)
{
    static const uint8_t common[] = {0x0c, 7, 8, 0x90, 1}; /* CFA = rsp + 8; the return address below it */
    return (struct gw_unwind_program){.common = {.at = common, .end = common + sizeof common},
                                      .own = {.at = own, .end = own + size},
                                      .start = CODE,
                                      .size = CODE_SIZE,
                                      .code_unit = 1,
                                      .data_unit = -8};
}

#define RULES_AT(offset, rules, ...)                                                                                                       \
    __extension__({                                                                                                                        \
        static const uint8_t own_[] = {__VA_ARGS__};                                                                                       \
        struct gw_unwind_program program_ = program_of(own_, sizeof own_);                                                                 \
        gw_frame_rules_at(&program_, CODE + (offset), rules);                                                                              \
    })

Test(frame_rules, rules_of_vector_registers_are_read_over)
{
    struct gw_frame_rules rules;
    /* xmm6 (23) saved by offset, by expression, as a value; restored; rbx saved after all of them. */
    cr_assert(RULES_AT(0, &rules, 0x80 | 23, 4, 0x05, 24, 6, 0x10, 25, 2, 0x77, 8, 0x14, 26, 2, 0xc0 | 23, 0x06, 24, 0x83, 2));
    cr_assert_eq(rules.registers[3].kind, GW_RULE_SAVED);
    cr_assert_eq(rules.registers[3].number, -16);
    cr_assert_eq(rules.cfa.number, 8);
}

Test(frame_rules, a_row_ends_where_the_next_begins)
{
    struct gw_frame_rules rules;
    cr_assert(RULES_AT(4, &rules, 0x0e, 16, 0x45, 0x0e, 24)); /* 5 bytes on: CFA = rsp + 24 */
    cr_assert_eq(rules.cfa.number, 16);
    cr_assert(RULES_AT(5, &rules, 0x0e, 16, 0x45, 0x0e, 24));
    cr_assert_eq(rules.cfa.number, 24);
    cr_assert(RULES_AT(9, &rules, 0x0e, 16, 0x0a, 0x41, 0x0e, 24, 0x41, 0x0b)); /* remembered and recalled */
    cr_assert_eq(rules.cfa.number, 16);
}

Test(frame_rules, what_cannot_be_read_is_refused)
{
    struct gw_frame_rules rules;
    cr_assert_not(RULES_AT(0, &rules, 0x3f), "an unknown instruction");
    cr_assert_not(RULES_AT(0, &rules, 0x0b), "a state that was never remembered");
    cr_assert_not(RULES_AT(0, &rules, 0x0c, 23, 8), "a CFA by a vector register");
    cr_assert_not(RULES_AT(0, &rules, 0x10, 3, 40, 0x77), "an expression beyond its entry");
    cr_assert_not(RULES_AT(0, &rules, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a), "too many states");
    cr_assert_not(RULES_AT(0, &rules, 0x03, 1), "an operand beyond its entry");
}

static bool register_plus_1000(const void *context, unsigned reg, uintptr_t *value)
{
    (void)context;
    *value = 1000 + reg;
    return reg < 16;
}

#define RESULT(...)                                                                                                                        \
    __extension__({                                                                                                                        \
        static const uint8_t expression_[] = {__VA_ARGS__};                                                                                \
        struct gw_frame_rule rule_ = {.length = sizeof expression_, .expression = expression_};                                            \
        uintptr_t result_ = 40;                                                                                                            \
        gw_expression_result(&rule_, true, register_plus_1000, NULL, &result_) ? (intptr_t)result_ : INTPTR_MIN;                           \
    })

Test(frame_rules, expressions_compute)
{
    cr_assert_eq(RESULT(0x23, 2), 42, "plus_uconst");
    cr_assert_eq(RESULT(0x77, 0x78), 1007 - 8, "breg7 -8");
    cr_assert_eq(RESULT(0x32, 0x1c), 38, "lit2 minus");
    cr_assert_eq(RESULT(0x09, 0xfe, 0x22), 38, "const1s -2 plus");
    cr_assert_eq(RESULT(0x0b, 0xfe, 0xff, 0x22), 38, "const2s -2 plus");
    cr_assert_eq(RESULT(0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22), INTPTR_MIN, "rip is not known here");
    cr_assert_eq(RESULT(0x77, 8, 0x7f, 0, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22), 1015, "as in a PLT: 1015 & 15 < 11");
    cr_assert_eq(RESULT(0x13, 0x13), INTPTR_MIN, "drop of nothing");
    cr_assert_eq(RESULT(0xe0), INTPTR_MIN, "unknown");
}
