// One call site of a managed function: the roots that LLVM's statepoint record lists, and their bytes in gw_maps.
#ifndef GREYWAVE_SITE_MAP_H
#define GREYWAVE_SITE_MAP_H

#include "abi/map_format.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/CodeGen/StackMaps.h"
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace greywave
{

/// A word of the frame, [Reg + Offset], Reg a DWARF number; or the register itself, which calls preserve.
struct FrameSlot {
    unsigned Reg = 0;
    int64_t Offset = 0;
    bool IsRegister = false;

    auto order() const { return std::tie(IsRegister, Reg, Offset); }
    bool operator==(const FrameSlot &Other) const { return order() == Other.order(); }
    bool operator<(const FrameSlot &Other) const { return order() < Other.order(); }
};

/// Blocks of references in a stack variable, as the deopt operands describe it.
struct FrameRegion {
    FrameSlot Start;
    uint64_t Count = 0, Stride = 0;
    std::vector<uint64_t> Offsets;
};

class SiteMap
{
  public:
    SiteMap(const gw_map_machine &Machine, bool RegisterRoots) : Machine(Machine), RegisterRoots(RegisterRoots) {}

    /// Reads a statepoint's record. False, with what is not understood in error(), when a guess would be needed.
    bool read(const llvm::StackMaps::CallsiteInfo &Record);
    llvm::StringRef error() const { return Error; }

    /// Base roots and tracked regions.
    size_t rootCount() const { return Bases.size() + Regions.size(); }
    /// Fault injection: forgets one of them, and the pointers derived from it.
    void dropRoot(size_t Index);

    /// Appends the site's entries as docs/abi.md has them, and returns their number.
    unsigned encode(llvm::SmallVectorImpl<char> &Bytes) const;

  private:
    using Location = llvm::StackMaps::Location;
    using Locations = llvm::ArrayRef<Location>;
    struct Derived {
        FrameSlot Slot, Base;
    };

    bool fail(const llvm::Twine &Message);
    bool takeConstant(Locations &Left, uint64_t &Value);
    bool takeRegion(Locations &Operands);
    bool takeOffsets(Locations &Operands, FrameRegion Region);
    bool takeMasks(Locations &Operands, const FrameRegion &Words);
    void addRegion(FrameRegion Region);
    bool takePair(Locations &Left);
    bool readSlot(const Location &Loc, FrameSlot &Slot);
    void settle();
    void encodeSlot(const FrameSlot &Slot, llvm::SmallVectorImpl<char> &Bytes) const;

    const gw_map_machine &Machine;
    bool RegisterRoots;           // were weighed: maps/root_places.cpp
    std::vector<FrameSlot> Bases; // settled: ascending, each once
    std::vector<Derived> Deriveds;
    std::vector<FrameRegion> Regions;
    std::optional<FrameSlot> Mark;
    std::string Error;
};

} // namespace greywave

#endif
