#include "map_file.h"
#include "abi/map_format.h"
#include "x86_64/emitted.h"

#include <greywave/abi.h>

#define OTHER_FILE "gw-asmgcroot: these maps were made from another file"
#define HAS_READ "\t.set\t\".Lgw-asmgcroot has not read this file\", 0\n" /* greywave/roots.h needs it */

/* The assembler itself counts the calls. When there is one too many, it says so; when the last one is missing, so is the symbol that it
 * would have set, whose name is the message. The byte that needs the symbol is in no output of the linker's. */
static void write_macro(const struct source *source, FILE *out)
{
    fprintf(out,
            "# Frame maps, written by gw-asmgcroot. Assemble in front of the file they were made from.\n"
            "\t.macro\tcall target:vararg\n\t" EMITTED_CALL "\t\\target\n.Lgw_call\\@:\n\t.if \\@ == %u\n\t.error \"" OTHER_FILE
            "\"\n\t.endif\n\t.if \\@ == %u\n\t.set \".L" OTHER_FILE "\", 0\n\t.endif\n\t.endm\n",
            source->calls, source->calls - 1);
    if (source->calls) fputs("\t.section\t.gw_check,\"e\",@progbits\n\t.uleb128\t\".L" OTHER_FILE "\"\n", out);
}

#define DIGITS(number) DIGITS_(number)
#define DIGITS_(number) #number

/* What the plug-in emits too; the linker keeps one of each for an image. */
static const char module_record[] =
    "\t.hidden\t__start_gw_maps\n\t.hidden\t__stop_gw_maps\n\t.hidden\t__start_gw_globals\n\t.hidden\t__stop_gw_globals\n"
    "\t.weak\t__start_gw_maps\n\t.weak\t__stop_gw_maps\n\t.weak\t__start_gw_globals\n\t.weak\t__stop_gw_globals\n"
    "\t.section\t.data.rel.ro." GW_MODULE_RECORD ",\"awG\",@progbits," GW_MODULE_RECORD ",comdat\n"
    "\t.hidden\t" GW_MODULE_RECORD "\n\t.weak\t" GW_MODULE_RECORD "\n\t.type\t" GW_MODULE_RECORD
    ", @object\n\t.p2align\t3\n" GW_MODULE_RECORD
    ":\n\t.long\t" DIGITS(GW_ABI_VERSION) "\n\t.long\t0\n\t.quad\t__start_gw_maps\n\t.quad\t__stop_gw_maps\n"
                                          "\t.quad\t__start_gw_globals\n\t.quad\t__stop_gw_globals\n\t.size\t" GW_MODULE_RECORD ", 40\n";

/* By which the record is found where its image's constructors have not run yet. */
static const char module_note[] =
    "\t.section\t" GW_NOTE_SECTION ",\"aG\",@note," GW_MODULE_RECORD ",comdat\n\t.p2align\t2\n"
    "\t.long\t1f - 0f\n\t.long\t8\n\t.long\t" DIGITS(GW_NOTE_MODULE) "\n"
                                                                     "0:\t.asciz\t\"" GW_NOTE_OWNER
                                                                     "\"\n1:\t.p2align\t2\n\t.quad\t" GW_MODULE_RECORD " - .\n";

static void write_constructor(FILE *out, const char *name, const char *callee, const char *array)
{
    fprintf(out,
            "\t.section\t.text.%s,\"axG\",@progbits,%s,comdat\n\t.hidden\t%s\n\t.weak\t%s\n\t.type\t%s, @function\n%s:\n"
            "\t.cfi_startproc\n" EMITTED_HAND_OVER "\t.cfi_endproc\n"
            "\t.size\t%s, .-%s\n\t.section\t.%s.100,\"awG\",@%s,%s,comdat\n\t.p2align\t3\n\t.quad\t%s\n",
            name, name, name, name, name, name, GW_MODULE_RECORD, callee, name, name, array, array, name, name);
}

/* A difference in relocations keeps linkers from folding functions with the same code and other maps (--icf). */
static void write_anchors(const struct maps *maps, const struct source *source, FILE *out)
{
    for (size_t i = 0; i < maps->first_record.count; i++) {
        const struct section *section = &source->sections.at[i];
        if (!maps->first_record.at[i]) continue;
        if (section->arguments.size) fprintf(out, "\t.section\t%.*s\n", (int)section->arguments.size, section->arguments.at);
        else fprintf(out, "\t%.*s\n", (int)section->name.size, section->name.at);
        fprintf(out, "\t.reloc\t., " EMITTED_RELOCATION ", .Lgw_address%u\n", maps->first_record.at[i] - 1);
    }
}

void map_file_write(const struct maps *maps, const struct source *source, struct text body, FILE *out)
{
    if (!maps->records) {
        fputs("# gw-asmgcroot: nothing here needs a frame map\n\t.text\n", out);
        fputs(HAS_READ, out);
        return;
    }
    write_macro(source, out);
    fputs(HAS_READ, out);
    fwrite(body.at, 1, body.size, out);
    fputs(module_record, out);
    fputs(module_note, out);
    write_constructor(out, GW_MODULE_ENTER, "gw_module_load", "init_array");
    write_constructor(out, GW_MODULE_LEAVE, "gw_module_unload", "fini_array");
    write_anchors(maps, source, out);
    fputs("\t.text\n", out);
}
