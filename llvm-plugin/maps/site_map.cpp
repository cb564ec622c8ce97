// Statepoint records to map entries.
//
// A statepoint lists its calling convention, flags and the number of deopt operands, the deopt operands, (base,
// derived) pairs of references, and allocas. The deopt operands are ours: the `greywave` pass describes stack variables
// that hold references there, as `alloca, count, stride, n, n offsets` one after another, words of which some are live as `alloca,
// bits, 0, n, n masks of so many bits`, and the frame mark as `alloca, 0`.
#include "maps/site_map.h"

#include "abi/map_format.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/LEB128.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>

using namespace llvm;

namespace greywave
{

namespace
{

bool isConstant(const StackMaps::Location &Loc)
{
    return Loc.Type == StackMaps::Location::Constant || Loc.Type == StackMaps::Location::ConstantIndex;
}

} // namespace

bool SiteMap::fail(const Twine &Message)
{
    Error = Message.str();
    return false;
}

bool SiteMap::takeConstant(Locations &Left, uint64_t &Value)
{
    if (Left.empty() || Left.front().Type != Location::Constant || Left.front().Offset < 0)
        return fail("a constant operand is missing or does not fit 31 bits: not a statepoint of the greywave pass");
    Value = uint64_t(Left.front().Offset);
    Left = Left.drop_front();
    return true;
}

bool SiteMap::readSlot(const Location &Loc, FrameSlot &Slot)
{
    if (Loc.Type == Location::Register && RegisterRoots && gw_map_is_preserved(&Machine, Loc.Reg) && Loc.Size == 8) {
        Slot = {Loc.Reg, 0, true};
        return true;
    }
    if (Loc.Type == Location::Register)
        return fail("a reference is in register " + Twine(Loc.Reg) +
                    " across a call; compile without "
                    "-max-registers-for-gc-values");
    if (Loc.Type == Location::Direct) return fail("a stack variable is listed among the references: its layout is unknown");
    if (Loc.Type != Location::Indirect) return fail("a reference is at a location of unknown kind");
    if (!gw_map_is_of_frame(&Machine, Loc.Reg))
        return fail("a frame is addressed through register " + Twine(Loc.Reg) + ", which calls do not preserve");
    if (Loc.Offset % 8 != 0) return fail("a reference is at an unaligned stack offset");
    if (Loc.Size == 0 || Loc.Size % 8 != 0) return fail("a reference is " + Twine(Loc.Size) + " bytes wide on the stack");
    Slot = {Loc.Reg, Loc.Offset};
    return true;
}

bool SiteMap::takeRegion(Locations &Operands)
{
    const Location &Variable = Operands.front();
    if (Variable.Type != Location::Direct) return fail("a tracked stack variable is not on the stack");
    if (!gw_map_is_of_frame(&Machine, Variable.Reg)) return fail("a tracked stack variable is not in the frame");
    if (Variable.Offset % 8 != 0) return fail("a tracked stack variable is not 8-byte aligned");
    FrameRegion Region;
    Region.Start = {Variable.Reg, Variable.Offset};
    Operands = Operands.drop_front();
    if (!takeConstant(Operands, Region.Count)) return false;
    if (Region.Count == 0) {
        Mark = Region.Start;
        return true;
    }
    if (!takeConstant(Operands, Region.Stride)) return false;
    return Region.Stride ? takeOffsets(Operands, std::move(Region)) : takeMasks(Operands, Region);
}

bool SiteMap::takeOffsets(Locations &Operands, FrameRegion Region)
{
    uint64_t N = 0;
    if (!takeConstant(Operands, N)) return false;
    for (uint64_t I = 0; I < N; I++) {
        uint64_t Offset = 0;
        if (!takeConstant(Operands, Offset)) return false;
        if (Offset % 8 != 0) return fail("a reference in a stack variable is not aligned");
        Region.Offsets.push_back(Offset);
    }
    if (N == 1 && Region.Count > 1) Region.Start.Offset += int64_t(std::exchange(Region.Offsets.front(), 0)); // a run's first
    if (Region.Count > 1 && any_of(Region.Offsets, [&](uint64_t Offset) { return Offset >= Region.Stride; }))
        return fail("a reference in a stack variable is not in its block");
    if (Region.Stride % 8 != 0) return fail("a tracked stack variable has an odd stride");
    addRegion(std::move(Region));
    return true;
}

// Neighbours that are live become one region. Region.Count: bits in a mask.
bool SiteMap::takeMasks(Locations &Operands, const FrameRegion &Words)
{
    uint64_t Masks = 0, Mask = 0, Run = 0, Word = 0;
    auto EndRun = [&] {
        addRegion({{Words.Start.Reg, Words.Start.Offset + int64_t(8 * (Word - Run))}, Run, 8, {0}});
        Run = 0;
    };
    if (!takeConstant(Operands, Masks)) return false;
    for (uint64_t I = 0; I < Masks; I++) {
        if (!takeConstant(Operands, Mask)) return false;
        for (uint64_t Bit = 0; Bit < Words.Count; Bit++, Word++) {
            if (Mask >> Bit & 1) Run++;
            else if (Run) EndRun();
        }
    }
    if (Run) EndRun();
    return true;
}

// A slot takes a byte or two in the map and is the walker's fastest case; a region pays when it stands for many.
void SiteMap::addRegion(FrameRegion Region)
{
    constexpr uint64_t MostSlots = 8;
    if (Region.Offsets.empty()) return;
    if (Region.Count > MostSlots || Region.Count * Region.Offsets.size() > MostSlots) {
        Regions.push_back(std::move(Region));
        return;
    }
    for (uint64_t Block = 0; Block < Region.Count; Block++)
        for (uint64_t Offset : Region.Offsets)
            Bases.push_back({Region.Start.Reg, Region.Start.Offset + int64_t(Block * Region.Stride + Offset)});
}

bool SiteMap::takePair(Locations &Left)
{
    const Location &Base = Left[0], &Pointer = Left[1];
    Left = Left.drop_front(2);
    // null, undef and immediates never move, and neither does what is derived from them
    if (isConstant(Base)) return true;
    FrameSlot BaseSlot, Slot;
    if (!readSlot(Base, BaseSlot)) return false;
    if (!isConstant(Pointer) && (!readSlot(Pointer, Slot) || Base.Size != Pointer.Size))
        return Error.empty() ? fail("a vector of pointers is not as long as that of its bases") : false;
    for (unsigned Byte = 0; Byte < Base.Size; Byte += 8) {
        FrameSlot Word = BaseSlot, Moved = Slot;
        Word.Offset += Byte;
        Moved.Offset += Byte;
        Bases.push_back(Word);
        if (!isConstant(Pointer) && !(Slot == BaseSlot)) Deriveds.push_back({Moved, Word});
    }
    return true;
}

// Each word once. A word that is a base root moves as such and is nobody's derived pointer; of two bases for one
// derived pointer, which point into the same object, either will do.
void SiteMap::settle()
{
    std::sort(Bases.begin(), Bases.end());
    Bases.erase(std::unique(Bases.begin(), Bases.end()), Bases.end());
    std::sort(Deriveds.begin(), Deriveds.end(),
              [](const Derived &A, const Derived &B) { return std::tie(A.Slot, A.Base) < std::tie(B.Slot, B.Base); });
    auto SameSlot = [](const Derived &A, const Derived &B) { return A.Slot == B.Slot; };
    Deriveds.erase(std::unique(Deriveds.begin(), Deriveds.end(), SameSlot), Deriveds.end());
    auto IsBase = [&](const Derived &D) { return std::binary_search(Bases.begin(), Bases.end(), D.Slot); };
    Deriveds.erase(std::remove_if(Deriveds.begin(), Deriveds.end(), IsBase), Deriveds.end());
}

bool SiteMap::read(const StackMaps::CallsiteInfo &Record)
{
    Bases.clear();
    Deriveds.clear();
    Regions.clear();
    Mark.reset();
    Error.clear();
    Locations Left = Record.Locations;
    uint64_t Convention = 0, Flags = 0, Deopts = 0;
    if (!takeConstant(Left, Convention) || !takeConstant(Left, Flags) || !takeConstant(Left, Deopts)) return false;
    if (Deopts > Left.size()) return fail("a statepoint has fewer operands than it says");
    Locations Operands = Left.take_front(Deopts);
    Left = Left.drop_front(Deopts);
    while (!Operands.empty())
        if (!takeRegion(Operands)) return false;
    if (Left.size() % 2 != 0) return fail("a stack variable is listed among the references: its layout is unknown");
    while (!Left.empty())
        if (!takePair(Left)) return false;
    settle();
    return true;
}

void SiteMap::dropRoot(size_t Index)
{
    if (Index >= Bases.size()) {
        Regions.erase(Regions.begin() + (Index - Bases.size()));
        return;
    }
    FrameSlot Dropped = Bases[Index];
    auto HangsOnIt = [&](const Derived &D) { return D.Base == Dropped; };
    Deriveds.erase(std::remove_if(Deriveds.begin(), Deriveds.end(), HangsOnIt), Deriveds.end());
    Bases.erase(Bases.begin() + Index);
}

static void put(uint64_t Value, SmallVectorImpl<char> &Bytes)
{
    raw_svector_ostream OS(Bytes);
    encodeULEB128(Value, OS);
}

void SiteMap::encodeSlot(const FrameSlot &Slot, SmallVectorImpl<char> &Bytes) const
{
    if (Slot.IsRegister) {
        put(gw_map_entry(GW_MAP_OTHER, GW_MAP_IN_REGISTER), Bytes);
        return put(Slot.Reg, Bytes);
    }
    if (Slot.Reg == Machine.stack_pointer && Slot.Offset >= 0) return put(gw_map_entry(GW_MAP_SP_SLOT, uint64_t(Slot.Offset / 8)), Bytes);
    if (Slot.Reg == Machine.frame_pointer && Slot.Offset <= 0) return put(gw_map_entry(GW_MAP_FP_SLOT, uint64_t(-Slot.Offset / 8)), Bytes);
    put(gw_map_entry(GW_MAP_REGISTER_SLOT, Slot.Reg), Bytes);
    put(gw_map_zigzag(Slot.Offset), Bytes);
}

unsigned SiteMap::encode(SmallVectorImpl<char> &Bytes) const
{
    for (const FrameSlot &Slot : Bases) encodeSlot(Slot, Bytes);
    for (const FrameRegion &Region : Regions) {
        put(gw_map_entry(GW_MAP_OTHER, GW_MAP_REGION), Bytes);
        put(Region.Start.Reg, Bytes);
        put(gw_map_zigzag(Region.Start.Offset), Bytes);
        put(Region.Count, Bytes);
        put(Region.Stride / 8, Bytes);
        put(Region.Offsets.size(), Bytes);
        for (uint64_t Offset : Region.Offsets) put(Offset / 8, Bytes);
    }
    for (const Derived &D : Deriveds) {
        put(gw_map_entry(GW_MAP_OTHER, GW_MAP_DERIVED), Bytes);
        put(uint64_t(std::lower_bound(Bases.begin(), Bases.end(), D.Base) - Bases.begin()), Bytes);
        encodeSlot(D.Slot, Bytes);
    }
    if (Mark) {
        put(gw_map_entry(GW_MAP_OTHER, GW_MAP_FRAME_MARK), Bytes);
        encodeSlot(*Mark, Bytes);
    }
    return unsigned(Bases.size() + Regions.size() + Deriveds.size() + Mark.has_value());
}

} // namespace greywave
