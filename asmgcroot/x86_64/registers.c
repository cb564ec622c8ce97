#include "x86_64/registers.h"

#include <string.h>

static const char *const names64[GENERAL_REGISTERS] = {"%rax", "%rcx", "%rdx", "%rbx", "%rsp", "%rbp", "%rsi", "%rdi",
                                                       "%r8",  "%r9",  "%r10", "%r11", "%r12", "%r13", "%r14", "%r15"};

const char *register_name(unsigned reg)
{
    return names64[reg];
}

/* ---- By name --------------------------------------------------------------------------------------- */

/* ax, cx … : the two letters that the first eight registers' names share. */
static uint8_t old_register(char a, char b)
{
    static const char pairs[8][2] = {{'a', 'x'}, {'c', 'x'}, {'d', 'x'}, {'b', 'x'}, {'s', 'p'}, {'b', 'p'}, {'s', 'i'}, {'d', 'i'}};
    for (uint8_t i = 0; i < 8; i++)
        if (pairs[i][0] == a && pairs[i][1] == b) return i;
    return NO_REGISTER;
}

static uint8_t byte_register(struct text name, uint8_t *width)
{
    static const char letters[] = "acdb";
    *width = 1;
    const char *letter = name.size == 2 ? memchr(letters, name.at[0], 4) : NULL;
    if (letter && (name.at[1] == 'l' || name.at[1] == 'h')) return (uint8_t)(letter - letters);
    return name.size == 3 && name.at[2] == 'l' ? old_register(name.at[0], name.at[1]) : NO_REGISTER;
}

static unsigned digits(struct text text, size_t *taken)
{
    unsigned number = 0;
    for (*taken = 0; *taken < text.size && *taken < 3 && text.at[*taken] >= '0' && text.at[*taken] <= '9'; ++*taken)
        number = number * 10 + (unsigned)(text.at[*taken] - '0');
    return number;
}

/* r8 to r15 and their parts. */
static uint8_t new_register(struct text name, uint8_t *width)
{
    size_t taken;
    unsigned number = digits((struct text){name.at + 1, name.size - 1}, &taken);
    if (!taken || number < 8 || number > 15 || taken + 2 < name.size) return NO_REGISTER;
    char suffix = taken + 2 == name.size ? name.at[taken + 1] : 'q';
    *width = suffix == 'd' ? 4 : suffix == 'w' ? 2 : suffix == 'b' ? 1 : 8;
    return (uint8_t)number;
}

static uint8_t vector_register(struct text name, uint8_t *width)
{
    size_t taken;
    unsigned number = digits((struct text){name.at + 3, name.size - 3}, &taken);
    if (!taken || taken + 3 != name.size || number > 31) return NO_REGISTER;
    *width = name.at[0] == 'x' ? 16 : name.at[0] == 'y' ? 32 : 64;
    return (uint8_t)(VECTOR_REGISTER + number);
}

static uint8_t mask_register(struct text name)
{
    bool is_mask = name.size == 2 && name.at[0] == 'k' && name.at[1] >= '0' && name.at[1] < '0' + MASK_REGISTERS;
    return is_mask ? (uint8_t)(MASK_REGISTER + name.at[1] - '0') : NO_REGISTER;
}

uint8_t register_named(struct text name, uint8_t *width)
{
    char small[24];
    name = text_in_small_letters(name, small);
    *width = 8;
    if (name.size < 2) return NO_REGISTER;
    if (name.size > 3 && name.at[1] == 'm' && name.at[2] == 'm' && strchr("xyz", name.at[0])) return vector_register(name, width);
    if (text_equal(name, TEXT("rip"))) return REGISTER_RIP;
    uint8_t reg = mask_register(name);
    if (reg != NO_REGISTER) return reg;
    if (name.at[0] == 'r' && name.at[1] >= '0' && name.at[1] <= '9') reg = new_register(name, width);
    else if (name.size == 3 && (name.at[0] == 'r' || name.at[0] == 'e')) {
        *width = name.at[0] == 'r' ? 8 : 4;
        reg = old_register(name.at[1], name.at[2]);
    } else if (name.size == 2) {
        *width = 2;
        reg = old_register(name.at[0], name.at[1]);
    }
    if (reg == NO_REGISTER) reg = byte_register(name, width);
    if (reg != NO_REGISTER) return reg;
    *width = 0;
    return REGISTER_OTHER;
}

/* ---- By DWARF's number ----------------------------------------------------------------------------- */

static const uint8_t dwarf_of[GENERAL_REGISTERS] = {0, 2, 1, 3, 7, 6, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15};

enum { DWARF_RIP = 16 };

uint8_t dwarf_of_register(unsigned reg)
{
    return dwarf_of[reg];
}

uint8_t register_of_dwarf(int64_t number)
{
    for (uint8_t reg = 0; reg < GENERAL_REGISTERS; reg++)
        if (dwarf_of[reg] == number) return reg;
    return number == DWARF_RIP ? REGISTER_RIP : REGISTER_OTHER;
}
