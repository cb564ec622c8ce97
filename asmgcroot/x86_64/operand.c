#include "x86_64/operand.h"

#include <stdlib.h>

/* ---- Symbols --------------------------------------------------------------------------------------- */

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
    return callee->symbolic && !callee->indirect && callee->kind == OPERAND_MEMORY && symbol_of(callee).size == callee->symbol.size;
}

/* ---- Reading --------------------------------------------------------------------------------------- */

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
