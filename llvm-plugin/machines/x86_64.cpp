#include "machines/machines.h"

using namespace llvm;

namespace greywave
{

static bool isStackPointer(StringRef Operand)
{
    return Operand.trim(" \t%").equals_insensitive("rsp");
}

// A function that aligns its stack keeps the old pointer in a register that calls preserve, or finds it from the pointer itself.
static bool leadsBack(StringRef Source)
{
    for (StringRef Kept : {"rbp", "rbx", "r12", "r13", "r14", "r15", "rsp"})
        if (Source.contains_insensitive(Kept)) return true;
    return false;
}

// In either syntax.
static bool loadsStackPointer(StringRef Mnemonic, StringRef Operands)
{
    bool Exchanges = Mnemonic.starts_with_insensitive("xchg");
    if (Mnemonic.starts_with_insensitive("pop")) return isStackPointer(Operands);
    if (!Exchanges && !Mnemonic.starts_with_insensitive("mov") && !Mnemonic.starts_with_insensitive("lea")) return false;
    auto [First, Last] = Operands.rsplit(',');
    if (isStackPointer(First) && (Exchanges || !First.contains('%'))) return Exchanges || !leadsBack(Last);
    return isStackPointer(Last) && !leadsBack(First);
}

// Through the global offset table: the dynamic linker's lazy binding does not preserve r10 and r11. Static linking
// makes a direct call of it. `V` prints the register's name without its percent sign. There is one entry of the barrier for each register
// that can hold the object; the slot is pushed, and popped by the callee.
const Machine X86_64 = {
    /*Arch=*/Triple::x86_64,
    /*Name=*/"x86-64",
    /*Maps=*/gw_map_x86_64,
    /*BarrierFront=*/{"call *gw_barrier_slow_${0:V}@GOTPCREL(%rip)", "r", "~{memory},~{flags}"},
    /*BarrierSlot=*/{"push $1\n\tcall *gw_barrier_slow_slot_${0:V}@GOTPCREL(%rip)", "r,r", "~{memory},~{flags}"},
    /*StoreCheck=*/
    {"call *greywave_check_store@GOTPCREL(%rip)", "{di},{si}",
     "~{memory},~{flags},~{xmm0},~{xmm1},~{xmm2},~{xmm3},~{xmm4},~{xmm5},~{xmm6},~{xmm7},~{xmm8},~{xmm9},~{xmm10},~{xmm11},~{xmm12},"
     "~{xmm13},~{xmm14},~{xmm15},~{xmm16},~{xmm17},~{xmm18},~{xmm19},~{xmm20},~{xmm21},~{xmm22},~{xmm23},~{xmm24},~{xmm25},~{xmm26},"
     "~{xmm27},~{xmm28},~{xmm29},~{xmm30},~{xmm31},~{k0},~{k1},~{k2},~{k3},~{k4},~{k5},~{k6},~{k7}"},
    /*VectorsOfOneAreWords=*/true,
    /*ThreadSpace=*/257, // the segment register fs
    /*CallsPush=*/true,
    /*RestoresOverColdResults=*/true,
    /*LoadsStackPointer=*/loadsStackPointer,
    /*Attribute=*/nullptr,
};

} // namespace greywave
