/* Lines of text built by joining strings, the last few thousand kept. Stresses objects without references of many
 * sizes, copied bytes, and strings that outlive the nursery. */
#include "program.h"

struct text {
    uint64_t length;
    char bytes[];
};
GW_TYPE_BYTES(text, struct text, length, bytes);

struct lines {
    uint64_t length;
    struct text GW *at[];
};
GW_TYPE_REFERENCES(lines, struct lines, length, at);

enum { WORDS_IN_LINE = 12, LINES_KEPT = 4000 };

static struct text GW *make_text(const char *letters)
{
    size_t length = strlen(letters);
    struct text GW *text = gw_new_array(text, length);
    memcpy((char *)text->bytes, letters, length);
    return text;
}

/* The text with these letters behind it; the old one is given up. */
static struct text GW *with_letters(struct text GW *text, const char *letters)
{
    size_t length = strlen(letters);
    struct text GW *longer;
    GW_CALL(longer = gw_new_array(text, text->length + length), text);
    memcpy((char *)longer->bytes, (const char *)text->bytes, text->length);
    memcpy((char *)longer->bytes + text->length, letters, length);
    memory_release(text);
    return longer;
}

/* Both are given up. */
static struct text GW *join(struct text GW *a, struct text GW *b)
{
    struct text GW *text;
    GW_CALL(text = gw_new_array(text, a->length + b->length), a, b);
    memcpy((char *)text->bytes, (const char *)a->bytes, a->length);
    memcpy((char *)text->bytes + a->length, (const char *)b->bytes, b->length);
    memory_release(a);
    memory_release(b);
    return text;
}

static struct text GW *word(long number)
{
    static const char *const syllables[] = {"ba", "con", "de", "er", "for", "gra", "in", "ly", "men", "ness", "pre", "tion"};
    struct text GW *text = make_text(syllables[number % 12]);
    for (number /= 12; number > 0; number /= 12) text = with_letters(text, syllables[number % 12]);
    return text;
}

static struct text GW *random_line(struct random *random)
{
    struct text GW *line = make_text(""), *next;
    for (int i = 0; i < WORDS_IN_LINE; i++) {
        long number = random_below(random, 20000);
        GW_CALL(next = word(number), line);
        GW_CALL(line = with_letters(line, " "), next);
        line = join(line, next);
    }
    return line;
}

static long sum_of(const struct text GW *text)
{
    long sum = 0;
    for (uint64_t i = 0; i < text->length; i++) sum = checksum(sum, text->bytes[i]);
    return sum;
}

int main(int argc, char **argv)
{
    long size = demo_size(argc, argv, 100000, 1000000000), letters = 0, sum = 0;
    uint64_t started = memory_start();
    struct random random = {42};
    struct lines GW *lines = gw_new_array(lines, LINES_KEPT);
    for (long i = 0; i < size; i++) {
        struct text GW *line;
        GW_CALL(line = random_line(&random), lines);
        letters += (long)line->length;
        memory_release(lines->at[i % LINES_KEPT]);
        GW_STORE(lines, at[i % LINES_KEPT], line);
    }
    for (int i = 0; i < LINES_KEPT; i++)
        if (lines->at[i]) sum = checksum(sum, sum_of(lines->at[i]));
    printf("%ld lines, %ld letters, checksum %ld\n", size, letters, sum);
#if MEMORY_EXPLICIT
    for (int i = 0; i < LINES_KEPT; i++) memory_release(lines->at[i]);
#endif
    memory_release(lines);
    return memory_finish(started);
}
