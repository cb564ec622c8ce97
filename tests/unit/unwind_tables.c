/* Reading `.eh_frame`, and registering what was read. */
#include "roots/eh_frame.h"
#include "roots/modules.h"
#include "roots/unwind_tables.h"
#include <criterion/criterion.h>
#include <greywave/greywave.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

/* The return address's register, the stack pointer's; CFA and where the return address lies, as the function below has them. */
#if defined(__x86_64__)
#define RETURN 16
#define RULES 0x0c, 7, 8, 0x90, 1
#else
#define RETURN 30
#define RULES 0x0c, 31, 0, 0x9e, 2
#endif

/* A common entry ("zR", relative 32-bit addresses) and one function's entry: 16 bytes of code, 64 bytes before the
 * section. */
static const uint8_t whole[] = {
    20, 0, 0, 0, 0,  0, 0, 0, 1,    'z',  'R',  0,    1,  0x78, RETURN, 1, 0x1b, RULES, 0, 0, /* 24 bytes */
    16, 0, 0, 0, 28, 0, 0, 0, 0xa0, 0xff, 0xff, 0xff, 16, 0,    0,      0, 0,    0,     0, 0, /* 20 bytes */
    0,  0, 0, 0,
};

static uint8_t section[512];

static size_t entries_after(size_t at, uint8_t byte)
{
    struct gw_unwind_entry entry;
    memcpy(section, whole, sizeof whole);
    section[at] = byte;
    return gw_unwind_entries(section, sizeof whole, &entry, 1);
}

Test(unwind_tables, an_entry_is_found_with_its_code)
{
    struct gw_unwind_entry entry;
    memcpy(section, whole, sizeof whole);
    cr_assert_eq(gw_unwind_entries(section, sizeof whole, &entry, 1), 1);
    cr_assert_eq(entry.start, (uintptr_t)section + 32 - 0x60);
    cr_assert_eq(entry.size, 16);
    cr_assert_eq(entry.entry, (uintptr_t)section + 24);
}

Test(unwind_tables, what_cannot_be_read_is_refused)
{
    cr_assert_eq(entries_after(0, 200), SIZE_MAX, "a length beyond the section");
    cr_assert_eq(entries_after(28, 29), SIZE_MAX, "a distance to no common entry");
    cr_assert_eq(entries_after(28, 255), SIZE_MAX, "a distance beyond the section's start");
    cr_assert_eq(entries_after(16, 0x9b), SIZE_MAX, "indirect addresses");
    cr_assert_eq(entries_after(16, 0x3b), SIZE_MAX, "addresses relative to data");
    cr_assert_eq(entries_after(16, 0x01), SIZE_MAX, "addresses of variable length");
}

Test(unwind_tables, every_truncation_is_refused_or_shorter)
{
    struct gw_unwind_entry entry;
    memcpy(section, whole, sizeof whole);
    for (size_t size = 0; size < sizeof whole; size++) {
        uint8_t *copy = section + sizeof section - size;
        memmove(copy, whole, size);
        size_t found = gw_unwind_entries(copy, size, &entry, 1);
        cr_assert(found == SIZE_MAX || found == (size >= 44), "%zu bytes: %zu", size, found);
    }
}

Test(unwind_tables, a_section_is_registered_once_and_removed_once)
{
    memcpy(section, whole, sizeof whole);
    cr_assert_eq(gw_unwind_register(section, sizeof whole), GW_OK);
    cr_assert_eq(gw_unwind_register(section, sizeof whole), GW_ERROR_STATE);
    cr_assert_eq(gw_unwind_unregister(section), GW_OK);
    cr_assert_eq(gw_unwind_unregister(section), GW_ERROR_ARGUMENT);
    cr_assert_eq(gw_unwind_register(section, 24), GW_ERROR_MAP, "no function");
    cr_assert_eq(gw_unwind_register(NULL, 0), GW_ERROR_ARGUMENT);
}

/* ---- Code without maps ------------------------------------------------------------------------------- */

/* A function that collects, as a JIT might have made it: 16 bytes of frame. Behind it stand its unwind entry and its record. */
#if defined(__x86_64__)
static const uint8_t code[] = {0x48, 0x83, 0xec, 8,                                 /* subq $8, %rsp */
                               0xbf, 1,    0,    0, 0,   0x48, 0xb8,                /* movl $1, %edi; movabsq gw_collect, %rax */
                               0,    0,    0,    0, 0,   0,    0,    0, 0xff, 0xd0, /* call *%rax */
                               0x48, 0x83, 0xc4, 8, 0xc3};                          /* addq $8, %rsp; ret */
enum { CALLEE = 11 };
#else
static const uint32_t code[] = {0xd10043ff, 0xf90003fe,             /* sub sp, sp, #16; str x30, [sp] */
                                0x580000c9, 0x52800020, 0xd63f0120, /* ldr x9, gw_collect; mov w0, #1; blr x9 */
                                0xf94003fe, 0x910043ff, 0xd65f03c0, /* ldr x30, [sp]; add sp, sp, #16; ret */
                                0,          0};
enum { CALLEE = 32 };
#endif
enum { ENTRY = 1024, RECORD = 2048, PAGE = 4096 };

static int32_t distance(const void *to, const void *from)
{
    return (int32_t)((intptr_t)to - (intptr_t)from);
}

static uint8_t *make_function(void)
{
    uint8_t *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(page, MAP_FAILED);
    uintptr_t callee = (uintptr_t)gw_collect;
    memcpy(page, code, sizeof code);
    memcpy(page + CALLEE, &callee, sizeof callee);
    __builtin___clear_cache((char *)page, (char *)page + sizeof code);
    uint8_t *entry = page + ENTRY;
    memcpy(entry, whole, sizeof whole);
    int32_t start = distance(page, entry + 32);
    uint32_t size = sizeof code;
    memcpy(entry + 32, &start, 4);
    memcpy(entry + 36, &size, 4);
    entry[41] = 0x0e, entry[42] = 16; /* DW_CFA_def_cfa_offset: 16 */
    cr_assert_eq(gw_unwind_register(entry, sizeof whole), GW_OK, "%s", gw_error_text());
    return page;
}

static void call(const uint8_t *function)
{
    ((void (*)(void))(uintptr_t)function)();
}

/* A record without sites, for code of `size` bytes at `function`. */
static void register_maps(uint8_t *record, const void *function, uint8_t size)
{
    static struct gw_module modules[2];
    static int count;
    record[0] = 'g', record[5] = size, record[6] = 2, record[7] = record[8] = 0;
    int32_t address = distance(function, record + 1);
    memcpy(record + 1, &address, 4);
    struct gw_module *module = &modules[count++];
    *module = (struct gw_module){.abi_version = GW_ABI_VERSION, .maps_begin = record, .maps_end = record + 9};
    cr_assert_eq(gw_module_register(module), GW_OK, "%s", gw_error_text());
}

static uintptr_t function_at(uintptr_t pc)
{
    gw_registry_read();
    uintptr_t found = gw_unwind_function_at(pc);
    gw_registry_read_end();
    return found;
}

static uint8_t other_record[9]; /* without maps at all stacks are not walked */

Test(unwind_tables, a_function_is_found_by_the_return_address_of_a_call_in_it)
{
    uint8_t *page = make_function();
    uintptr_t start = (uintptr_t)page, end = start + sizeof code;
    cr_assert_eq(function_at(start), 0, "that call is in the function before");
    cr_assert_eq(function_at(start + 1), start);
    cr_assert_eq(function_at(end), start);
    cr_assert_eq(function_at(end + 1), 0);
    cr_assert_eq(gw_unwind_unregister(page + ENTRY), GW_OK);
    cr_assert_eq(function_at(end), 0);
}

Test(unwind_tables, given_unwind_entries_and_no_record_when_a_walk_meets_the_code_then_fatal, .signal = SIGABRT)
{
    cr_assert_eq(gw_init(NULL), GW_OK);
    register_maps(other_record, (const void *)(uintptr_t)distance, 1);
    call(make_function());
}

Test(unwind_tables, given_a_record_without_code_then_the_function_is_crossed)
{
    cr_assert_eq(gw_init("verify-walk=1"), GW_OK);
    register_maps(other_record, (const void *)(uintptr_t)distance, 1);
    uint8_t *page = make_function();
    register_maps(page + RECORD, page, 0);
    call(page);
    cr_assert_eq(gw_unwind_unregister(page + ENTRY), GW_OK);
}
