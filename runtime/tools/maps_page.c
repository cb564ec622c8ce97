/* Functions as they come, a row for each instruction, under the source line that it belongs to. capstone says what instructions are. */
#include "tools/maps_page.h"

#include "tools/maps_text.h"
#include "tools/page.h"
#include "tools/source_lines.h"

#include <capstone/capstone.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct site {
    uintptr_t return_address;
    char *roots;
};

struct maps_page {
    const char *path;
    FILE *out;
    const struct gw_map_machine *machine; /* that `decoder` is for; NULL: it is not open */
    csh decoder;
    struct source_lines sources;
    struct site *sites; /* of the function at hand */
    size_t site_count, site_capacity;
    bool failed; /* no memory */
};

static const char style[] =
    ":root { --mark: #2a7d4f }\n"
    "header { position: sticky; top: 0; z-index: 1; background: Canvas; padding: 12px 0; border-bottom: 1px solid var(--line);\n"
    "  display: flex; gap: 8px 16px; flex-wrap: wrap; align-items: center }\n"
    "h1 { font-size: 18px; margin: 0 } h2 { font-size: 16px; margin: 32px 0 0; overflow-wrap: anywhere }\n"
    "h3 { font: 600 15px ui-monospace, monospace; margin: 24px 0 4px; overflow-wrap: anywhere }\n"
    "h3 small { font: 13px system-ui, sans-serif; opacity: .7; padding-left: 8px }\n"
    "input[type=search] { font: inherit; padding: 4px 8px; flex: 1 1 220px; min-width: 0 }\n"
    "label { white-space: nowrap }\n"
    ".row { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 6fr) minmax(0, 4fr); column-gap: 16px;\n"
    "  font: 13px/1.45 ui-monospace, monospace; border-left: 3px solid transparent; padding-left: 8px }\n"
    ".row > * { white-space: pre-wrap; overflow-wrap: anywhere }\n"
    ".first { border-top: 1px solid var(--line) } .call { border-left-color: var(--mark); background: var(--soft) }\n"
    ".n { opacity: .55; padding-right: 8px } .r { border: 1px solid var(--mark); border-radius: 4px; padding: 0 4px; margin-right: 4px }\n"
    ".again { visibility: hidden } .calls .again { visibility: visible }\n"
    ".none { opacity: .55 } #count { opacity: .7 }\n"
    "@media (max-width: 700px) { .row { grid-template-columns: minmax(0, 1fr) } .row > :empty, .again { display: none }\n"
    "  .calls .again { display: block }\n"
    "  .row > :nth-child(2) { padding-left: 12px } .row > :nth-child(3) { padding-left: 24px } }\n";

static const char front[] =
    "<header><h1>Frame maps</h1>\n"
    "<input type=\"search\" id=\"find\" placeholder=\"function, source, instruction or root\" aria-label=\"Search\" autofocus>\n"
    "<label><input type=\"checkbox\" id=\"calls\"> only calls</label> <span id=\"count\" aria-live=\"polite\"></span></header>\n"
    "<p>Each call that may collect is marked, with the places that hold references while it waits: <code>[rsp+8]</code> is a word of the "
    "frame,\n"
    "<code>rbx</code> a register, <code>a&lt;-b</code> a pointer into the object that b refers to.</p>\n<main>\n";

/* Functions that have all the words stay. */
static const char back[] =
    "</main>\n<script>\n"
    "const find = document.getElementById('find'), calls = document.getElementById('calls'), count = document.getElementById('count');\n"
    "const sections = [...document.querySelectorAll('section')].map(s => ({ s, text: s.textContent.toLowerCase(),\n"
    "  rows: [...s.querySelectorAll('.row')] }));\n"
    "function show() {\n"
    "  const words = find.value.toLowerCase().split(/\\s+/).filter(Boolean);\n"
    "  let shown = 0;\n"
    "  document.body.classList.toggle('calls', calls.checked);\n"
    "  for (const { s, text, rows } of sections) {\n"
    "    s.hidden = !words.every(w => text.includes(w));\n"
    "    if (s.hidden) continue;\n"
    "    shown++;\n"
    "    for (const row of rows) row.hidden = calls.checked && !row.classList.contains('call');\n"
    "  }\n"
    "  count.textContent = shown + ' of ' + sections.length + ' functions';\n"
    "}\n"
    "find.oninput = calls.onchange = show;\nshow();\n"
    "</script>\n</body>\n</html>\n";

static void complain(const char *path, int error)
{
    fprintf(stderr, "gw-maps: %s: cannot be written: %s\n", path, strerror(error));
}

struct maps_page *maps_page_begin(const char *path)
{
    struct maps_page *page = calloc(1, sizeof *page);
    if (!page) {
        complain(path, ENOMEM);
        return NULL;
    }
    page->path = path;
    page->out = fopen(path, "w");
    if (page->out) {
        page_begin(page->out, "Frame maps", style);
        fputs(front, page->out);
        return page;
    }
    complain(path, errno);
    free(page);
    return NULL;
}

/* ---- Files ----------------------------------------------------------------------------------------- */

static bool open_decoder(struct maps_page *page, const struct gw_map_machine *machine)
{
    if (page->machine == machine) return true;
    if (page->machine) cs_close(&page->decoder);
    page->machine = NULL;
    bool x86 = maps_are_of(machine, &gw_map_x86_64);
    cs_err error = x86 ? cs_open(CS_ARCH_X86, CS_MODE_64, &page->decoder) : cs_open(CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN, &page->decoder);
    if (error != CS_ERR_OK) return false;
    if (x86) cs_option(page->decoder, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
    page->machine = machine;
    return true;
}

void maps_page_file(struct maps_page *page, const struct maps_file *file)
{
    page->failed |= !open_decoder(page, file->machine);
    fputs("<h2>", page->out);
    page_words(page->out, file->path);
    fputs("</h2>\n", page->out);
}

/* ---- Calls ----------------------------------------------------------------------------------------- */

static char *text_of(const struct maps_page *page, const struct gw_frame_map *map)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out) return NULL;
    maps_write_roots(out, page->machine, map);
    return fclose(out) == 0 ? text : NULL;
}

static bool reserve_site(struct maps_page *page)
{
    if (page->site_count < page->site_capacity) return true;
    size_t capacity = page->site_capacity ? 2 * page->site_capacity : 64;
    struct site *sites = realloc(page->sites, capacity * sizeof *sites);
    if (!sites) return false;
    page->sites = sites;
    page->site_capacity = capacity;
    return true;
}

void maps_page_site(struct maps_page *page, uintptr_t return_address, const struct gw_frame_map *map)
{
    char *roots = page->failed ? NULL : text_of(page, map);
    page->failed |= !roots || !reserve_site(page);
    if (page->failed) free(roots);
    else page->sites[page->site_count++] = (struct site){return_address, roots};
}

static void forget_sites(struct maps_page *page)
{
    while (page->site_count) free(page->sites[--page->site_count].roots);
}

/* Sites come in the order of their addresses. */
static const struct site *site_at(const struct maps_page *page, uintptr_t return_address)
{
    for (size_t i = 0; i < page->site_count; i++)
        if (page->sites[i].return_address == return_address) return &page->sites[i];
    return NULL;
}

static void write_roots(FILE *out, const char *roots)
{
    if (strcmp(roots, " -") == 0) {
        fputs("<span class=\"none\">no roots</span>", out);
        return;
    }
    for (const char *at = roots + 1, *end; *at; at = *end ? end + 1 : end) {
        end = at + strcspn(at, " ");
        if (*at && at[strcspn(at, " {")] == '{') end = strchr(at, '}') + 1;
        fputs("<span class=\"r\">", out);
        page_text(out, at, (size_t)(end - at));
        fputs("</span>", out);
    }
}

/* ---- Rows ------------------------------------------------------------------------------------------ */

struct line {
    const char *path;
    int number;
};

static void write_source(struct maps_page *page, const struct line *line)
{
    size_t length = 0;
    const char *text = source_line(&page->sources, line->path, line->number, &length), *base = strrchr(line->path, '/');
    if (text) fprintf(page->out, "<span class=\"n\">%d</span>", line->number);
    if (text) page_text(page->out, text, length);
    else page_words(page->out, base ? base + 1 : line->path);
    if (!text) fprintf(page->out, ":%d", line->number);
}

/* Where a call or jump leads, by name. */
static void write_target(struct maps_page *page, struct maps_file *file, const cs_insn *instruction)
{
    bool goes = instruction->mnemonic[0] == 'j' || strncmp(instruction->mnemonic, "call", 4) == 0;
    uint64_t offset;
    if (!goes || strncmp(instruction->op_str, "0x", 2) != 0) return;
    const char *name = maps_file_function(file, strtoull(instruction->op_str, NULL, 16) + file->bias, &offset);
    if (!name) return;
    fputs(" &lt;", page->out);
    page_words(page->out, name);
    if (offset) fprintf(page->out, "+%#" PRIx64, offset);
    fputs("&gt;", page->out);
}

/* A call has its source line once more, for when rows around it are hidden. */
static void write_row(struct maps_page *page, struct maps_file *file, const cs_insn *instruction, const struct line *line, bool first)
{
    const struct site *site = site_at(page, instruction->address + instruction->size + file->bias);
    fprintf(page->out, "<div class=\"row%s%s\"><div%s>", first ? " first" : "", site ? " call" : "", first ? "" : " class=\"again\"");
    if (line->path && (first || site)) write_source(page, line);
    fprintf(page->out, "</div><div><span class=\"n\">%" PRIx64 "</span>", (uint64_t)instruction->address);
    page_words(page->out, instruction->mnemonic);
    fputc(' ', page->out);
    page_words(page->out, instruction->op_str);
    write_target(page, file, instruction);
    fputs("</div><div>", page->out);
    if (site) write_roots(page->out, site->roots);
    fputs("</div></div>\n", page->out);
}

static bool is_same(const struct line *a, const struct line *b)
{
    return a->number == b->number && (a->path == b->path || (a->path && b->path && strcmp(a->path, b->path) == 0));
}

static void write_code(struct maps_page *page, struct maps_file *file, const uint8_t *code, size_t size, uintptr_t start)
{
    cs_insn *instruction = cs_malloc(page->decoder);
    uint64_t address = start - file->bias;
    struct line before = {NULL, -1};
    if (!instruction) page->failed = true;
    while (instruction && cs_disasm_iter(page->decoder, &code, &size, &address, instruction)) {
        struct line line = {NULL, 0};
        line.path = maps_file_line(file, instruction->address + file->bias, &line.number);
        write_row(page, file, instruction, &line, !is_same(&line, &before));
        before = line;
    }
    if (instruction) cs_free(instruction, 1);
}

void maps_page_function(struct maps_page *page, struct maps_file *file, uintptr_t start, uint64_t size)
{
    if (page->failed) return;
    uint64_t offset;
    const char *name = maps_file_function(file, start, &offset);
    const uint8_t *code = maps_file_code(file, start, size);
    fputs("<section><h3>", page->out);
    page_words(page->out, name ? name : "?");
    fprintf(page->out, "<small>%" PRIu64 " bytes, %zu call%s</small></h3>\n", size, page->site_count, page->site_count == 1 ? "" : "s");
    if (code) write_code(page, file, code, size, start);
    fputs("</section>\n", page->out);
    forget_sites(page);
}

bool maps_page_end(struct maps_page *page)
{
    fputs(back, page->out);
    bool good = !ferror(page->out) && !page->failed;
    errno = page->failed ? ENOMEM : errno;
    good &= fclose(page->out) == 0;
    if (!good) complain(page->path, errno);
    forget_sites(page);
    free(page->sites);
    source_lines_free(&page->sources);
    if (page->machine) cs_close(&page->decoder);
    free(page);
    return good;
}
