/* Parses JSON text into a tree of values and prints it again. Stresses structures of mixed kinds, lists that grow,
 * strings, and trees that die as a whole. */
#include "program.h"

struct text {
    uint64_t length;
    char bytes[];
};
GW_TYPE_BYTES(text, struct text, length, bytes);

enum kind { NUMBER, STRING, WORD, LIST, OBJECT };

struct value {
    struct text GW *name;  /* of an object's member */
    struct value GW *next; /* in the same list or object */
    struct value GW *first;
    struct text GW *text; /* of a string or a word */
    long number;
    long kind; /* enum kind */
};
GW_TYPE_FIELDS(value, struct value, name, next, first, text);

/* Native text, read or written. */
struct stream {
    char *bytes;
    size_t at, size;
};

/* ---- Text ------------------------------------------------------------------------------------------ */

static void put(struct stream *out, char letter)
{
    if (out->at == out->size) {
        out->size = out->size ? 2 * out->size : 4096;
        out->bytes = realloc(out->bytes, out->size);
        if (!out->bytes) memory_exhausted(out->size);
    }
    out->bytes[out->at++] = letter;
}

static void put_letters(struct stream *out, const char *letters)
{
    while (*letters) put(out, *letters++);
}

static void put_number(struct stream *out, long number)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%ld", number);
    put_letters(out, digits);
}

static void invent_value(struct stream *out, struct random *random, int depth)
{
    long kind = random_below(random, depth > 0 ? 7 : 4);
    if (kind < 2) put_number(out, random_below(random, 100000) - 50000);
    else if (kind == 2) put_letters(out, random_below(random, 2) ? "true" : "null");
    else if (kind == 3) put_letters(out, "\"a string of some letters\"");
    else {
        bool list = kind == 4;
        put(out, list ? '[' : '{');
        for (long i = 0, count = random_below(random, 8); i < count; i++) {
            if (i) put(out, ',');
            if (!list) put_letters(out, "\"member"), put_number(out, i), put_letters(out, "\":");
            invent_value(out, random, depth - 1);
        }
        put(out, list ? ']' : '}');
    }
}

static void invent_document(struct stream *out, long members)
{
    struct random random = {42};
    put(out, '[');
    for (long i = 0; i < members; i++) {
        if (i) put(out, ',');
        put_letters(out, "{\"id\":");
        put_number(out, i);
        put_letters(out, ",\"value\":");
        invent_value(out, &random, 6);
        put(out, '}');
    }
    put(out, ']');
}

/* ---- Parsing --------------------------------------------------------------------------------------- */

static struct value GW *parse_value(struct stream *in);

static struct text GW *text_until(struct stream *in, size_t end)
{
    struct text GW *text = gw_new_array(text, end - in->at);
    memcpy((char *)text->bytes, in->bytes + in->at, end - in->at);
    in->at = end;
    return text;
}

static struct text GW *parse_string(struct stream *in)
{
    size_t end = ++in->at;
    while (in->bytes[end] != '"') end++;
    struct text GW *text = text_until(in, end);
    in->at++;
    return text;
}

static struct text GW *parse_word(struct stream *in)
{
    size_t end = in->at;
    while (in->bytes[end] >= 'a' && in->bytes[end] <= 'z') end++;
    return text_until(in, end);
}

static struct value GW *make_value(enum kind kind)
{
    struct value GW *value = gw_new(value);
    value->kind = kind;
    return value;
}

static struct value GW *make_with_text(enum kind kind, struct text GW *text)
{
    struct value GW *value;
    GW_CALL(value = make_value(kind), text);
    GW_STORE(value, text, text);
    return value;
}

static struct value GW *parse_number(struct stream *in)
{
    char *end;
    struct value GW *value = make_value(NUMBER);
    value->number = strtol(in->bytes + in->at, &end, 10);
    in->at = (size_t)(end - in->bytes);
    return value;
}

static struct value GW *parse_member(struct stream *in)
{
    struct text GW *name = parse_string(in);
    struct value GW *value;
    in->at++; /* the colon */
    GW_CALL(value = parse_value(in), name);
    GW_STORE(value, name, name);
    return value;
}

static struct value GW *parse_members(struct stream *in, enum kind kind)
{
    struct value GW *list = make_value(kind), *last = NULL, *value;
    char end = kind == LIST ? ']' : '}';
    for (in->at++; in->bytes[in->at] != end;) {
        if (in->bytes[in->at] == ',') in->at++;
        if (kind == LIST) GW_CALL(value = parse_value(in), list, last);
        else GW_CALL(value = parse_member(in), list, last);
        if (last) GW_STORE(last, next, value);
        else GW_STORE(list, first, value);
        last = value;
    }
    in->at++;
    return list;
}

static struct value GW *parse_value(struct stream *in)
{
    switch (in->bytes[in->at]) {
    case '[': return parse_members(in, LIST);
    case '{': return parse_members(in, OBJECT);
    case '"': return make_with_text(STRING, parse_string(in));
    case 't':
    case 'n': return make_with_text(WORD, parse_word(in));
    default: return parse_number(in);
    }
}

/* ---- Printing -------------------------------------------------------------------------------------- */

static void put_text(struct stream *out, const struct text GW *text)
{
    for (uint64_t i = 0; i < text->length; i++) put(out, text->bytes[i]);
}

static void print_value(struct stream *out, const struct value GW *value)
{
    if (value->name) put(out, '"'), put_text(out, value->name), put_letters(out, "\":");
    switch ((enum kind)value->kind) {
    case NUMBER: put_number(out, value->number); return;
    case WORD: put_text(out, value->text); return;
    case STRING: put(out, '"'), put_text(out, value->text), put(out, '"'); return;
    default: break;
    }
    put(out, value->kind == LIST ? '[' : '{');
    for (const struct value GW *member = value->first; member; member = member->next) {
        if (member != value->first) put(out, ',');
        print_value(out, member);
    }
    put(out, value->kind == LIST ? ']' : '}');
}

static void release(struct value GW *value)
{
#if MEMORY_EXPLICIT
    for (struct value GW *member = value->first, *next; member; member = next) {
        next = member->next;
        release(member);
    }
    memory_release(value->name);
    memory_release(value->text);
#endif
    memory_release(value);
    (void)value;
}

int main(int argc, char **argv)
{
    long size = demo_size(argc, argv, 4, 100000), sum = 0;
    uint64_t started = memory_start();
    struct stream text = {0}, printed = {0};
    invent_document(&text, size < 4 ? 100 : 10000);
    for (long i = 0; i < size; i++) {
        text.at = printed.at = 0;
        struct value GW *document = parse_value(&text);
        print_value(&printed, document);
        release(document);
        if (printed.at != text.at || memcmp(printed.bytes, text.bytes, text.at) != 0) {
            puts("what was printed is not what was read");
            return 1;
        }
        sum = checksum(sum, (long)printed.at);
    }
    printf("%ld times %zu bytes, checksum %ld\n", size, printed.at, sum);
    free(text.bytes);
    free(printed.bytes);
    return memory_finish(started);
}
