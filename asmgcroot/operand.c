#include "operand.h"

#include <stdlib.h>

static const char *const names64[GENERAL_REGISTERS] = {"%rax", "%rcx", "%rdx", "%rbx", "%rsp", "%rbp", "%rsi", "%rdi",
                                                       "%r8",  "%r9",  "%r10", "%r11", "%r12", "%r13", "%r14", "%r15"};

const char *register_name(unsigned reg)
{
    return names64[reg];
}

struct text symbol_of(const struct operand *operand)
{
    struct text name = operand->symbol;
    const char *quote = name.size && *name.at == '"' ? memchr(name.at + 1, '"', name.size - 1) : NULL;
    if (quote) return (struct text){name.at + 1, (size_t)(quote - name.at - 1)};
    const char *at = name.size ? memchr(name.at, '@', name.size) : NULL;
    return at ? (struct text){name.at, (size_t)(at - name.at)} : name;
}

bool is_named(const struct operand *callee)
{
    if (callee->kind != OPERAND_MEMORY || !callee->symbolic || callee->index != NO_REGISTER) return false;
    if (!callee->indirect) return callee->base == NO_REGISTER;
    struct text suffix = TEXT("@GOTPCREL"), symbol = callee->symbol;
    return callee->base == REGISTER_RIP && symbol.size > suffix.size &&
           text_equal((struct text){symbol.at + symbol.size - suffix.size, suffix.size}, suffix);
}

bool is_bound(const struct operand *callee)
{
    return callee->symbolic && !callee->indirect && callee->kind == OPERAND_MEMORY &&
           symbol_of(callee).size == callee->symbol.size;
}

/* ax, cx … : the two letters that the first eight registers' names share. */
static uint8_t old_register(char a, char b)
{
    static const char pairs[8][2] = {{'a', 'x'}, {'c', 'x'}, {'d', 'x'}, {'b', 'x'},
                                     {'s', 'p'}, {'b', 'p'}, {'s', 'i'}, {'d', 'i'}};
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

uint8_t register_named(struct text name, uint8_t *width)
{
    char small[24];
    name = text_in_small_letters(name, small);
    *width = 8;
    if (name.size < 2) return NO_REGISTER;
    if (name.size > 3 && name.at[1] == 'm' && name.at[2] == 'm' && strchr("xyz", name.at[0]))
        return vector_register(name, width);
    if (text_equal(name, TEXT("rip"))) return REGISTER_RIP;
    uint8_t reg = NO_REGISTER;
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

static bool is_number_start(char c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '~' || c == '(';
}

/* A sum of numbers, and at most one symbol with what belongs to it. */
static void read_number(struct operand *operand, struct text text)
{
    text = text_trimmed(text);
    if (!text.size) return;
    char buffer[32], *end;
    if (text.size < sizeof buffer && is_number_start(*text.at)) {
        memcpy(buffer, text.at, text.size);
        buffer[text.size] = '\0';
        operand->number = (int64_t)strtoull(buffer, &end, 0);
        if (!*end) return;
    }
    operand->symbolic = true;
    operand->symbol = memchr(text.at, '@', text.size) ? text : text_unquoted(text);
}

static uint8_t read_register(struct text text, uint8_t *width, bool *bad)
{
    *width = 0;
    text = text_trimmed(text);
    if (!text.size) return NO_REGISTER;
    if (*text.at != '%') {
        *bad = true;
        return NO_REGISTER;
    }
    return register_named((struct text){text.at + 1, text.size - 1}, width);
}

/* disp(base,index,scale) */
static void read_memory(struct operand *operand, struct text text)
{
    operand->kind = OPERAND_MEMORY;
    const char *open = NULL;
    if (text.size && text.at[text.size - 1] == ')')
        for (const char *at = text.at + text.size; at-- > text.at;)
            if (*at == '(') {
                open = at;
                break;
            }
    if (!open) {
        read_number(operand, text);
        return;
    }
    read_number(operand, (struct text){text.at, (size_t)(open - text.at)});
    struct text inside = {open + 1, (size_t)(text.at + text.size - 1 - (open + 1))}, item;
    if (inside.size && *inside.at != '%' && *inside.at != ',') { /* parenthesised arithmetic, not registers */
        operand->symbolic = true;
        operand->symbol = text;
        return;
    }
    uint8_t width;
    if (text_next_item(&inside, &item)) operand->base = read_register(item, &width, &operand->bad);
    if (text_next_item(&inside, &item)) operand->index = read_register(item, &width, &operand->bad);
}

struct operand operand_read(struct text text)
{
    struct operand operand = {.kind = OPERAND_NONE, .reg = NO_REGISTER, .base = NO_REGISTER, .index = NO_REGISTER};
    text = text_trimmed(text);
    /* {%k1}{z} masks of AVX-512: part of the destination */
    const char *mask = text.size && !memchr(text.at, '"', text.size) ? memchr(text.at, '{', text.size) : NULL;
    operand.masked = mask != NULL;
    if (mask && mask > text.at) text = text_trimmed((struct text){text.at, (size_t)(mask - text.at)});
    if (text.size && *text.at == '*') {
        operand.indirect = true;
        text = text_trimmed((struct text){text.at + 1, text.size - 1});
    }
    if (!text.size) return operand;
    const char *colon = *text.at == '%' ? memchr(text.at, ':', text.size) : NULL;
    if (colon) {
        operand.segment = true;
        text = text_trimmed((struct text){colon + 1, text.size - (size_t)(colon + 1 - text.at)});
        read_memory(&operand, text);
    } else if (*text.at == '%') {
        operand.kind = OPERAND_REGISTER;
        operand.reg = read_register(text, &operand.width, &operand.bad);
    } else if (*text.at == '$') {
        operand.kind = OPERAND_IMMEDIATE;
        read_number(&operand, (struct text){text.at + 1, text.size - 1});
    } else {
        read_memory(&operand, text);
    }
    return operand;
}
