#include "text/statement.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '$' || c == '@' ||
           (unsigned char)c >= 0x80;
}

uint64_t text_hash(struct text text)
{
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
    for (size_t i = 0; i < text.size; i++) hash = (hash ^ (unsigned char)text.at[i]) * 0x100000001b3u;
    return hash;
}

struct text text_trimmed(struct text text)
{
    while (text.size && (is_space(*text.at) || *text.at == '\n')) text.at++, text.size--;
    while (text.size && (is_space(text.at[text.size - 1]) || text.at[text.size - 1] == '\n')) text.size--;
    return text;
}

struct text text_unquoted(struct text text)
{
    bool quoted = text.size > 1 && text.at[0] == '"' && text.at[text.size - 1] == '"';
    return quoted ? (struct text){text.at + 1, text.size - 2} : text;
}

struct text text_in_small_letters(struct text word, char small[24])
{
    size_t i = 0;
    while (i < word.size && !(word.at[i] >= 'A' && word.at[i] <= 'Z')) i++;
    if (i == word.size || word.size > 24) return word;
    for (i = 0; i < word.size; i++) small[i] = (char)(word.at[i] + (word.at[i] >= 'A' && word.at[i] <= 'Z' ? 'a' - 'A' : 0));
    return (struct text){small, word.size};
}

struct text text_next_word(struct text *text)
{
    size_t size = 0;
    while (size < text->size && text->at[size] != ' ' && text->at[size] != '\t') size++;
    struct text word = {text->at, size};
    *text = text_trimmed((struct text){text->at + size, text->size - size});
    return word;
}

unsigned text_number(struct text text)
{
    unsigned number = 0;
    for (size_t i = 0; i < text.size && i < 9 && text.at[i] >= '0' && text.at[i] <= '9'; i++)
        number = number * 10 + (unsigned)(text.at[i] - '0');
    return number;
}

bool text_next_item(struct text *list, struct text *item)
{
    if (!list->size) return false;
    int depth = 0;
    bool quoted = false;
    size_t i = 0;
    for (; i < list->size; i++) {
        char c = list->at[i];
        if (c == '"' && (i == 0 || list->at[i - 1] != '\\')) quoted = !quoted;
        if (quoted) continue;
        if (c == ',' && depth <= 0) break;
        depth += (c == '(') - (c == ')');
    }
    *item = text_trimmed((struct text){list->at, i});
    size_t taken = i < list->size ? i + 1 : i;
    list->at += taken;
    list->size -= taken;
    return true;
}

struct reader reader_on(struct text source)
{
    return (struct reader){.at = source.at, .end = source.at + source.size, .line = 1, .line_starts = true};
}

static struct text rest_of_line(const struct reader *reader)
{
    const char *newline = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
    return (struct text){reader->at, (size_t)((newline ? newline : reader->end) - reader->at)};
}

/* One of the compiler's notes: `rest` is what follows its name. */
static bool read_note(struct statement *statement, struct text line, struct text name)
{
    if (!text_starts(line, name)) return false;
    statement->rest = text_trimmed((struct text){line.at + name.size, line.size - name.size});
    return true;
}

/* # 4 "f.c" 1 */
static bool read_origin(struct statement *statement, struct text line)
{
    size_t size = 2;
    while (size < line.size && line.at[size] >= '0' && line.at[size] <= '9') size++;
    const char *quote = size > 2 && size + 1 < line.size && line.at[size + 1] == '"' ? line.at + size + 1 : NULL;
    const char *end = quote ? memchr(quote + 1, '"', (size_t)(line.at + line.size - quote - 1)) : NULL;
    if (!end) return false;
    statement->kind = STATEMENT_ORIGIN;
    statement->name = (struct text){line.at + 2, size - 2};
    statement->rest = (struct text){quote + 1, (size_t)(end - quote - 1)};
    return true;
}

/* Steps over `#…`. True when it says something. */
static bool read_line_comment(struct reader *reader, struct statement *statement)
{
    struct text line = rest_of_line(reader);
    reader->at += line.size;
    statement->line = reader->line;
    line = statement->whole = text_trimmed(line);
    if (line.size > 2 && line.at[1] == ' ' && line.at[2] <= '9' && read_origin(statement, line)) return true;
    statement->kind = STATEMENT_BLOCK;
    if (read_note(statement, line, TEXT("# BLOCK"))) return true;
    statement->kind = STATEMENT_SUCCESSORS;
    if (read_note(statement, line, TEXT("# SUCC:"))) return true;
    statement->kind = STATEMENT_APP;
    if (text_equal(line, TEXT("#APP"))) return true;
    statement->kind = STATEMENT_NO_APP;
    return text_equal(line, TEXT("#NO_APP"));
}

static struct text first_word(struct text text)
{
    size_t size = 0;
    if (text.size && *text.at == '"') {
        for (size = 1; size < text.size && text.at[size] != '"' && text.at[size] != '\n'; size++)
            size += text.at[size] == '\\' && size + 1 < text.size && text.at[size + 1] != '\n';
        return (struct text){text.at, size < text.size && text.at[size] == '"' ? size + 1 : 0};
    }
    while (size < text.size && is_name(text.at[size])) size++;
    return (struct text){text.at, size};
}

/* Steps over a C comment. True when it is a marker. */
static bool read_block_comment(struct reader *reader, struct statement *statement)
{
    statement->line = reader->line;
    const char *body = reader->at + 2, *at = body;
    while (at + 1 < reader->end && !(at[0] == '*' && at[1] == '/')) reader->line += *at++ == '\n';
    bool closed = at + 1 < reader->end;
    reader->at = closed ? at + 2 : reader->end;
    struct text text = text_trimmed((struct text){body, (size_t)((closed ? at : reader->end) - body)});
    if (!text_starts(text, TEXT("GCROOT")) && !text_starts(text, TEXT("GCNOCOLLECT"))) return false;
    statement->kind = STATEMENT_MARKER;
    statement->whole = text;
    statement->name = first_word(text);
    statement->rest = text_trimmed((struct text){text.at + statement->name.size, text.size - statement->name.size});
    return true;
}

static bool starts_block_comment(const struct reader *reader)
{
    return *reader->at == '/' && reader->at + 1 < reader->end && reader->at[1] == '*';
}

/* Where the statement that starts here ends: at a newline, `;` or comment outside quotes. */
static const char *statement_end(const struct reader *reader)
{
    bool quoted = false;
    const char *at = reader->at;
    for (; at < reader->end && *at != '\n'; at++) {
        if (quoted && *at == '\\' && at + 1 < reader->end && at[1] != '\n') at++;
        else if (*at == '"') quoted = !quoted;
        else if (!quoted && (*at == ';' || *at == '#' || (*at == '/' && at + 1 < reader->end && at[1] == '*'))) break;
    }
    return at;
}

static void classify(struct statement *statement)
{
    struct text whole = statement->whole, name = first_word(whole);
    if (!name.size) name = (struct text){whole.at, 1};
    statement->rest = text_trimmed((struct text){whole.at + name.size, whole.size - name.size});
    if (statement->rest.size && *statement->rest.at == '=') {
        statement->kind = STATEMENT_ASSIGNMENT;
        statement->name = text_unquoted(name);
        return;
    }
    statement->kind = *whole.at == '.' ? STATEMENT_DIRECTIVE : STATEMENT_INSTRUCTION;
    statement->name = text_in_small_letters(name, statement->small);
}

static bool read_label(struct reader *reader, struct statement *statement)
{
    struct text name = first_word((struct text){reader->at, (size_t)(reader->end - reader->at)});
    const char *at = name.at + name.size;
    while (at < reader->end && is_space(*at)) at++;
    if (!name.size || at >= reader->end || *at != ':') return false;
    statement->kind = STATEMENT_LABEL;
    statement->whole = name;
    statement->name = text_unquoted(name);
    reader->at = at + 1;
    return true;
}

bool next_statement(struct reader *reader, struct statement *statement)
{
    while (reader->at < reader->end) {
        char c = *reader->at;
        if (c == '\n') reader->line++;
        if (c == '\n' || c == ';' || is_space(c)) {
            reader->at++;
            reader->line_starts = c == '\n' || (reader->line_starts && c != ';');
        } else if (c == '#') {
            if (read_line_comment(reader, statement)) return true;
        } else if (starts_block_comment(reader)) {
            if (read_block_comment(reader, statement)) return true;
        } else if (c == '/' && reader->line_starts) {
            reader->at += rest_of_line(reader).size;
        } else {
            reader->line_starts = false;
            statement->line = reader->line;
            if (read_label(reader, statement)) return true;
            const char *start = reader->at;
            reader->at = statement_end(reader);
            statement->whole = text_trimmed((struct text){start, (size_t)(reader->at - start)});
            classify(statement);
            return true;
        }
    }
    return false;
}
