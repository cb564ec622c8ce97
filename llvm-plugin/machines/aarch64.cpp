#include "machines/machines.h"

using namespace llvm;

namespace greywave
{

// A function with variables of varying size keeps the old pointer in a register that calls preserve, or finds it from the pointer itself.
static bool leadsBack(StringRef Source)
{
    for (StringRef Kept : {"sp", "x19", "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28", "x29", "fp"})
        if (Source.trim().equals_insensitive(Kept)) return true;
    return false;
}

// Only these can write the stack pointer, beside loads and stores that move it by a constant.
static bool loadsStackPointer(StringRef Mnemonic, StringRef Operands)
{
    bool Moves = Mnemonic.equals_insensitive("mov"), Adds = Mnemonic.equals_insensitive("add") || Mnemonic.equals_insensitive("sub");
    if (!Moves && !Adds && !Mnemonic.equals_insensitive("and")) return false;
    auto [To, From] = Operands.split(',');
    return To.trim().equals_insensitive("sp") && !leadsBack(From.split(',').first);
}

// LLVM knows the link register by `lr`, and passes over `x30` in silence. It is the one that a call needs: it brings the entry's address,
// through the global offset table, for the dynamic linker's lazy binding does not preserve x9 to x17. The object is in x17 and the slot in
// x16, which other calls may change. The check preserves the general registers and all of v8 to v15.
//
// Where size is all, code generation moves sequences of instructions out of functions (-Oz); a safepoint must stay in its own.
const Machine AArch64 = {
    /*Arch=*/Triple::aarch64,
    /*Name=*/"AArch64",
    /*Maps=*/gw_map_aarch64,
    /*BarrierFront=*/
    {"adrp x30, :got:gw_barrier_slow_x17\n\tldr x30, [x30, :got_lo12:gw_barrier_slow_x17]\n\tblr x30", "{x17}", "~{lr},~{memory},~{cc}"},
    /*BarrierSlot=*/
    {"adrp x30, :got:gw_barrier_slow_slot_x17\n\tldr x30, [x30, :got_lo12:gw_barrier_slow_slot_x17]\n\tblr x30", "{x17},{x16}",
     "~{lr},~{memory},~{cc}"},
    /*StoreCheck=*/
    {"adrp x30, :got:greywave_check_store\n\tldr x30, [x30, :got_lo12:greywave_check_store]\n\tblr x30", "{x0},{x1}",
     "~{lr},~{memory},~{cc},~{v0},~{v1},~{v2},~{v3},~{v4},~{v5},~{v6},~{v7},~{v16},~{v17},~{v18},~{v19},~{v20},~{v21},~{v22},~{v23},"
     "~{v24},~{v25},~{v26},~{v27},~{v28},~{v29},~{v30},~{v31}"},
    /*VectorsOfOneAreWords=*/false,
    /*ThreadSpace=*/0,
    /*CallsPush=*/false,
    /*RestoresOverColdResults=*/false,
    /*LoadsStackPointer=*/loadsStackPointer,
    /*Attribute=*/"nooutline",
};

} // namespace greywave
