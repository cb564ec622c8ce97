// What a gw_type must fulfil (greywave/abi.h): the runtime believes every field, and a wrong one shows at a collection long after.
#include "types/type_constants.h"
#include "greywave/abi.h"
#include <cstddef>

using namespace llvm;

namespace greywave
{

static constexpr uint32_t KnownFlags = GW_TYPE_DERIVE | GW_TYPE_ALIGN16 | GW_TYPE_RUNS | GW_TYPE_TAGS;
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

// Who does not know of runs sees a type with a trace function and no offsets.
static std::string problemWithRuns(const TypeConstant &T)
{
    if (!T.hasRuns()) return T.hasTags() ? "has tags (GW_TYPE_TAGS) and no runs; set GW_TYPE_RUNS, too" : "";
    if (T.isNull(offsetof(gw_type, trace))) return "has runs (GW_TYPE_RUNS) and no trace function; let `trace` point at gw_trace_runs";
    if (T.numberOr0(offsetof(gw_type, offset_count)) || T.numberOr0(offsetof(gw_type, element_offset_count)))
        return "has runs (GW_TYPE_RUNS) and offsets; list all references as runs";
    return "";
}

std::string problemWithFields(const TypeConstant &T)
{
    if (!T.isWhole()) return "is not a struct gw_type; give it the eleven fields of greywave/abi.h";
    for (size_t Offset = offsetof(gw_type, size); Offset < offsetof(gw_type, offsets); Offset += sizeof(uint32_t))
        if (!T.number(Offset)) return "has a field that is no number at byte " + std::to_string(Offset) + "; write the number";
    if (uint32_t Unknown = T.numberOr0(offsetof(gw_type, flags)) & ~KnownFlags)
        return "has flags that are not known (" + std::to_string(Unknown) + "); see GW_TYPE_… in greywave/abi.h";
    if (std::string Problem = problemWithRuns(T); !Problem.empty()) return Problem;
    if (T.isArray()) return problemWithArray(T);
    if (T.numberOr0(offsetof(gw_type, element_offset_count)) != 0) return "lists references of elements but has none; give element_size";
    return "";
}

// Runs of different strides are believed not to overlap: a reference that is looked at twice does no harm.
static bool overlaps(const ReferenceRun &First, const ReferenceRun &Second)
{
    return First.Stride == Second.Stride && Second.Start <= First.last() && (Second.Start - First.Start) % First.Stride == 0;
}

static std::string problemWithRun(const ReferenceRun &Run, uint64_t Size, StringRef Where)
{
    if (Run.Count == 0) return ("lists a run of no references at offset " + Twine(Run.Start) + " of the " + Where).str();
    if (Run.Stride == 0 || Run.Stride % WordBytes != 0)
        return ("lists a run with a stride of " + Twine(Run.Stride) + " bytes at offset " + Twine(Run.Start) + " of the " + Where +
                "; strides are multiples of 8")
            .str();
    std::string At = ("lists offset " + Twine(Run.last()) + " of the " + Where).str();
    if (Run.Start % WordBytes != 0) return At + ", which is not a multiple of 8; references are aligned";
    if (Run.last() + WordBytes > Size) return At + ", which has " + std::to_string(Size) + " bytes; list fields inside it";
    return "";
}

static std::string problemWithTag(const RunTag &Tag, const ReferenceRun &Run, ArrayRef<ReferenceRun> Runs, uint64_t Size, StringRef Where)
{
    if (Tag.Bytes == 0) return "";
    std::string At = ("has a tag of " + Twine(Tag.Bytes) + " bytes at offset " + Twine(Tag.Offset) + " of the " + Where).str();
    if (Tag.Bytes != 1 && Tag.Bytes != 2 && Tag.Bytes != 4) return At + "; tags have 1, 2 or 4 bytes";
    uint64_t Last = Tag.Offset + (Run.Count - 1) * Run.Stride;
    if (Tag.Offset % Tag.Bytes != 0 || Last + Tag.Bytes > Size)
        return At + ", which has " + std::to_string(Size) + " bytes; tags are aligned and lie inside it";
    if (any_of(Runs, [&](const ReferenceRun &Other) { return Other.touches(Tag.Offset, Tag.Offset + Tag.Bytes); }))
        return At + ", where a reference is listed; give the tag a field of its own";
    return "";
}

static std::string problemWithTags(ArrayRef<RunTag> Tags, ArrayRef<ReferenceRun> Runs, uint64_t Size, StringRef Where)
{
    for (size_t I = 0; I < Tags.size(); I++)
        if (std::string Problem = problemWithTag(Tags[I], Runs[I], Runs, Size, Where); !Problem.empty()) return Problem;
    return "";
}

static std::string problemWithList(ArrayRef<ReferenceRun> Runs, ArrayRef<RunTag> Tags, uint64_t Size, StringRef Where)
{
    for (size_t I = 0; I < Runs.size(); I++) {
        if (std::string Problem = problemWithRun(Runs[I], Size, Where); !Problem.empty()) return Problem;
        std::string At = ("lists offset " + Twine(Runs[I].Start) + " of the " + Where).str();
        if (I > 0 && Runs[I].Start < Runs[I - 1].Start) return At + " behind a greater one; list fields in ascending order";
        if (!Tags.empty()) continue; // for each value of a tag once
        if (I > 0 && (Runs[I].Start == Runs[I - 1].Start || overlaps(Runs[I - 1], Runs[I]))) return At + " twice; list each field once";
    }
    return problemWithTags(Tags, Runs, Size, Where);
}

bool listsLength(const TypeConstant &T, const TypeReferences &Listed)
{
    uint64_t Length = T.numberOr0(offsetof(gw_type, length_offset));
    return any_of(Listed.Fixed, [&](const ReferenceRun &Run) { return Run.holdsReferenceAt(Length); });
}

std::string problemWithOffsets(const TypeConstant &T)
{
    TypeReferences Listed;
    if (!T.readReferences(Listed))
        return "lists references in an array that cannot be read here, or that is too short; define it as a constant array of i32 beside "
               "the "
               "type";
    uint64_t Size = T.numberOr0(offsetof(gw_type, size)), ElementSize = T.numberOr0(offsetof(gw_type, element_size));
    std::string Problem = problemWithList(Listed.Fixed, Listed.FixedTags, Size, T.isArray() ? "fixed part" : "object");
    if (!Problem.empty()) return Problem;
    if (!Listed.Element.empty() && ElementSize % WordBytes != 0)
        return "has elements of " + std::to_string(ElementSize) + " bytes that hold references; their size is a multiple of 8";
    if (T.isArray() && listsLength(T, Listed)) return "has its length where it lists a reference; give the length a field of its own";
    return problemWithList(Listed.Element, Listed.ElementTags, ElementSize, "element");
}

std::string problemWithAllocation(const TypeConstant &T, const CallBase &Call)
{
    bool ForArrays = Call.getCalledFunction()->getName() == "gw_alloc_array";
    if (!T.isWhole() || ForArrays == T.isArray()) return "";
    return ForArrays ? "is no array's (element_size is 0); use gw_alloc" : "is an array's; use gw_alloc_array";
}

} // namespace greywave
