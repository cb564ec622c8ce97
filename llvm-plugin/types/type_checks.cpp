// What a gw_type must fulfil (greywave/abi.h): the runtime believes every field, and a wrong one shows at a collection long after.
#include "types/type_constants.h"
#include "greywave/abi.h"
#include <cstddef>

using namespace llvm;

namespace greywave
{

static constexpr uint32_t KnownFlags = GW_TYPE_DERIVE | GW_TYPE_ALIGN16;
static constexpr uint64_t WordBytes = 8;

static std::string problemWithArray(const TypeConstant &T)
{
    uint64_t Size = T.numberOr0(offsetof(gw_type, size)), Length = T.numberOr0(offsetof(gw_type, length_offset));
    if (Size % WordBytes != 0) return "has a fixed part of " + std::to_string(Size) + " bytes; an array's is a multiple of 8";
    if (Length % WordBytes != 0 || Length + WordBytes > Size)
        return "has its length at offset " + std::to_string(Length) + "; it is a 64-bit number inside the fixed part of " +
               std::to_string(Size) + " bytes, aligned to 8";
    return "";
}

std::string problemWithFields(const TypeConstant &T)
{
    if (!T.isWhole()) return "is not a struct gw_type; give it the eleven fields of greywave/abi.h";
    for (size_t Offset = offsetof(gw_type, size); Offset < offsetof(gw_type, offsets); Offset += sizeof(uint32_t))
        if (!T.number(Offset)) return "has a field that is no number at byte " + std::to_string(Offset) + "; write the number";
    if (uint32_t Unknown = T.numberOr0(offsetof(gw_type, flags)) & ~KnownFlags)
        return "has flags that are not known (" + std::to_string(Unknown) + "); see GW_TYPE_… in greywave/abi.h";
    if (T.isArray()) return problemWithArray(T);
    if (T.numberOr0(offsetof(gw_type, element_offset_count)) != 0) return "lists references of elements but has none; give element_size";
    return "";
}

static std::string problemWithList(ArrayRef<uint64_t> Offsets, uint64_t Size, StringRef Where)
{
    for (size_t I = 0; I < Offsets.size(); I++) {
        std::string At = ("lists offset " + Twine(Offsets[I]) + " of the " + Where).str();
        if (Offsets[I] % WordBytes != 0) return At + ", which is not a multiple of 8; references are aligned";
        if (Offsets[I] + WordBytes > Size) return At + ", which has " + std::to_string(Size) + " bytes; list fields inside it";
        if (I > 0 && Offsets[I] == Offsets[I - 1]) return At + " twice; list each field once";
        if (I > 0 && Offsets[I] < Offsets[I - 1]) return At + " behind a greater one; list fields in ascending order";
    }
    return "";
}

std::string problemWithOffsets(const TypeConstant &T)
{
    TypeOffsets Listed;
    if (!T.readOffsets(Listed))
        return "lists references in an array that cannot be read here, or that is too short; define it as a constant array of i32 beside "
               "the "
               "type";
    uint64_t Size = T.numberOr0(offsetof(gw_type, size)), ElementSize = T.numberOr0(offsetof(gw_type, element_size));
    if (std::string Problem = problemWithList(Listed.Fixed, Size, T.isArray() ? "fixed part" : "object"); !Problem.empty()) return Problem;
    if (!Listed.Element.empty() && ElementSize % WordBytes != 0)
        return "has elements of " + std::to_string(ElementSize) + " bytes that hold references; their size is a multiple of 8";
    if (T.isArray() && is_contained(Listed.Fixed, T.numberOr0(offsetof(gw_type, length_offset))))
        return "has its length where it lists a reference; give the length a field of its own";
    return problemWithList(Listed.Element, ElementSize, "element");
}

std::string problemWithAllocation(const TypeConstant &T, const CallBase &Call)
{
    bool ForArrays = Call.getCalledFunction()->getName() == "gw_alloc_array";
    if (!T.isWhole() || ForArrays == T.isArray()) return "";
    return ForArrays ? "is no array's (element_size is 0); use gw_alloc" : "is an array's; use gw_alloc_array";
}

} // namespace greywave
