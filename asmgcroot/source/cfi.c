#include "source/cfi.h"
#include "source/labels.h"

static uint8_t cfi_register(struct text text)
{
    uint8_t width;
    if (text.size && *text.at == '%') return register_named((struct text){text.at + 1, text.size - 1}, &width);
    struct operand number = operand_read(text);
    return number.symbolic ? REGISTER_OTHER : register_of_dwarf(number.number);
}

int32_t directive_number(struct text text)
{
    struct operand number = operand_read(text);
    return number.symbolic || number.number < INT32_MIN || number.number > INT32_MAX ? INT32_MAX : (int32_t)number.number;
}

static uint8_t cfa_base(uint8_t reg)
{
    return reg < GENERAL_REGISTERS ? reg : REGISTER_OTHER;
}

static void note_saved(struct cfa_rule *cfa, uint8_t reg, bool saved)
{
    if (reg >= GENERAL_REGISTERS) return;
    if (saved) cfa->saved |= (uint16_t)BIT(reg);
    else cfa->saved &= (uint16_t)~BIT(reg);
}

/* DW_CFA_def_cfa_expression; DW_CFA_expression, of a register in a realigned frame; and DW_CFA_GNU_args_size with a number of
 * one byte or more. */
static void read_cfi_escape(struct reading *reading, struct text operation, struct text number)
{
    int32_t code = directive_number(operation), bytes = directive_number(number);
    if (code == 0x0f) reading->cfa.base = REGISTER_OTHER;
    if (code == 0x10) note_saved(&reading->cfa, cfi_register(number), true);
    if (code == 0x2e) reading->pushed_arguments = bytes >= 0 && bytes < 0x80 ? (uint32_t)bytes : UINT32_MAX;
}

/* What becomes of the caller's value of a register. False: another directive. */
static bool read_cfi_register(struct cfa_rule *cfa, struct text name, struct text reg)
{
    bool saved = text_equal(name, TEXT(".cfi_offset")) || text_equal(name, TEXT(".cfi_rel_offset"));
    bool known = saved || text_equal(name, TEXT(".cfi_restore")) || text_equal(name, TEXT(".cfi_same_value")) ||
                 text_equal(name, TEXT(".cfi_undefined")) || text_equal(name, TEXT(".cfi_register"));
    if (known) note_saved(cfa, cfi_register(reg), saved);
    return known;
}

bool read_cfi(struct reading *reading, struct text name, struct text rest)
{
    struct text first = {0}, second = {0};
    struct cfa_rule *cfa = &reading->cfa;
    if (!text_starts(name, TEXT(".cfi_"))) return false;
    text_next_item(&rest, &first);
    text_next_item(&rest, &second);
    if (read_cfi_register(cfa, name, first)) return true;
    if (text_equal(name, TEXT(".cfi_startproc"))) {
        begin_untyped(reading);
        *cfa = cfa_at_entry;
        reading->remembered_count = reading->pushed_arguments = 0;
    } else if (text_equal(name, TEXT(".cfi_endproc"))) {
        *cfa = (struct cfa_rule){.base = NO_REGISTER};
    } else if (text_equal(name, TEXT(".cfi_def_cfa"))) {
        cfa->base = cfa_base(cfi_register(first));
        cfa->offset = directive_number(second);
    } else if (text_equal(name, TEXT(".cfi_def_cfa_offset"))) {
        cfa->offset = directive_number(first);
    } else if (text_equal(name, TEXT(".cfi_adjust_cfa_offset"))) {
        cfa->offset = (int32_t)((uint32_t)cfa->offset + (uint32_t)directive_number(first));
    } else if (text_equal(name, TEXT(".cfi_def_cfa_register"))) {
        cfa->base = cfa_base(cfi_register(first));
    } else if (text_equal(name, TEXT(".cfi_escape"))) {
        read_cfi_escape(reading, first, second);
    } else if (text_equal(name, TEXT(".cfi_remember_state"))) {
        if (reading->remembered_count < CFI_DEPTH) reading->remembered[reading->remembered_count++] = *cfa;
    } else if (text_equal(name, TEXT(".cfi_restore_state"))) {
        if (reading->remembered_count) *cfa = reading->remembered[--reading->remembered_count];
    }
    return true;
}
