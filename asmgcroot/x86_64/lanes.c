/* Source: Intel's "Software Developer's Manual", volume 2. Operands in AT&T order: an immediate, the second source, the first source
 * where the target is another register, the target. */
#include "x86_64/lanes.h"

static const struct lane_source unclear = {LANE_UNCLEAR, NULL, 0}, number = {LANE_NUMBER, NULL, 0};

/* One instruction's operands by their roles. */
struct sources {
    const struct operand *first, *second, *target;
    unsigned control; /* the immediate */
    bool controlled;  /* there is one */
    unsigned lanes;   /* of the target */
};

static struct sources sources_of(const struct instruction *instruction)
{
    unsigned count = instruction->operand_count;
    const struct operand *op = instruction->op;
    struct sources sources = {.target = &op[count - 1], .lanes = op[count - 1].width / 8u};
    sources.controlled = op[0].kind == OPERAND_IMMEDIATE && !op[0].symbolic;
    sources.control = sources.controlled ? (unsigned)op[0].number & 0xff : 0;
    sources.second = &op[sources.controlled];
    sources.first = instruction->avx && count > sources.controlled + 2u ? &op[count - 2] : sources.target;
    return sources;
}

static struct lane_source copy(const struct operand *operand, unsigned word)
{
    return operand->masked ? unclear : (struct lane_source){LANE_COPY, operand, word};
}

/* Lanes are pairs in 128 bits each: the even one below the odd one. */
static unsigned even(unsigned lane)
{
    return lane & ~1u;
}

/* ---- One word, with or without the others ---------------------------------------------------------- */

/* movq, movlps, movsd, movhps */
static struct lane_source word(const struct instruction *instruction, const struct sources *s, unsigned lane)
{
    bool high = instruction->operation == OP_VECTOR_HIGH;
    bool clears =
        instruction->operation == OP_VECTOR_WORD || (instruction->operation == OP_VECTOR_SCALAR && s->second->kind == OPERAND_MEMORY);
    if (lane == high) return copy(s->second, 0);
    return clears ? number : copy(s->first, lane);
}

/* pinsrq; vinserti128, vinserti64x4 and the like */
static struct lane_source inserted(const struct sources *s, unsigned words, unsigned lane)
{
    unsigned place = s->control % (s->lanes / words) * words;
    return lane >= place && lane < place + words ? copy(s->second, lane - place) : copy(s->first, lane);
}

static struct lane_source extracted(const struct sources *s, unsigned words, unsigned lane)
{
    if (lane >= words) return number;
    unsigned pieces = s->second->width / (8 * words);
    return pieces ? copy(s->second, lane + s->control % pieces * words) : unclear;
}

/* ---- Words of two registers, in each 128 bits ------------------------------------------------------ */

static struct lane_source unpacked(const struct instruction *instruction, const struct sources *s, unsigned lane)
{
    unsigned high = instruction->operation == OP_VECTOR_UNPACK_HIGH;
    return copy(lane % 2 ? s->second : s->first, even(lane) + high);
}

/* shufpd */
static struct lane_source shuffled(const struct sources *s, unsigned lane)
{
    return copy(lane % 2 ? s->second : s->first, even(lane) + (s->control >> lane & 1));
}

/* Two halves of a word, which must be neighbours: `control` says which four bytes each is. */
static struct lane_source joined(const struct operand *source, unsigned control, unsigned lane)
{
    unsigned low = control & 3, high = control >> 2 & 3;
    return low % 2 == 0 && high == low + 1 ? copy(source, even(lane) + low / 2) : unclear;
}

/* palignr: 16 bytes out of 32 */
static struct lane_source aligned(const struct sources *s, unsigned lane)
{
    if (s->control % 8 || s->control > 16) return unclear;
    unsigned from = lane % 2 + s->control / 8;
    return copy(from < 2 ? s->second : s->first, even(lane) + from % 2);
}

/* psrldq, pslldq */
static struct lane_source shifted(const struct sources *s, bool right, unsigned lane)
{
    if (s->control > 15) return number;
    if (s->control % 8) return unclear;
    unsigned words = s->control / 8;
    if (right ? lane % 2 + words > 1 : lane % 2 < words) return number;
    return copy(s->second, right ? lane + words : lane - words);
}

/* `bits` of the immediate choose the parts of a word: all from one source, or the word is mixed. */
static struct lane_source blended(const struct sources *s, unsigned bits, unsigned lane)
{
    unsigned all = (1u << bits) - 1, chosen = s->control >> bits * lane % 8 & all;
    return chosen == 0 ? copy(s->first, lane) : chosen == all ? copy(s->second, lane) : unclear;
}

/* ---- Across 128 bits ------------------------------------------------------------------------------- */

/* vperm2i128: each half one of the sources' four, or nothing */
static struct lane_source halves(const struct sources *s, unsigned lane)
{
    unsigned choice = s->control >> lane / 2 * 4;
    return choice & 8 ? number : copy(choice & 2 ? s->second : s->first, (choice & 1) * 2 + lane % 2);
}

/* vshufi64x2: the lower pieces out of the first source, the upper ones out of the second */
static struct lane_source pieces(const struct sources *s, unsigned lane)
{
    unsigned count = s->lanes / 2, bits = count == 2 ? 1 : 2, piece = lane / 2;
    unsigned choice = s->control >> piece * bits & (count - 1);
    return copy(piece < count / 2 ? s->first : s->second, choice * 2 + lane % 2);
}

/* valignq */
static struct lane_source slid(const struct sources *s, unsigned lane)
{
    unsigned from = lane + s->control % s->lanes;
    return copy(from < s->lanes ? s->second : s->first, from % s->lanes);
}

/* ---- All ------------------------------------------------------------------------------------------- */

/* Forms that an immediate controls. */
static struct lane_source controlled(const struct instruction *instruction, const struct sources *s, unsigned lane)
{
    unsigned words = instruction->width / 8u;
    if (!s->controlled) return unclear;
    switch (instruction->operation) {
    case OP_VECTOR_INSERT: return inserted(s, words, lane);
    case OP_VECTOR_EXTRACT: return extracted(s, words, lane);
    case OP_VECTOR_SHUFFLE: return shuffled(s, lane);
    case OP_VECTOR_SHUFFLE_HALF_WORDS: return joined(lane % 2 ? s->second : s->first, s->control >> lane % 2 * 4, lane);
    case OP_VECTOR_PERMUTE_HALF_WORDS: return joined(s->second, s->control >> lane % 2 * 4, lane);
    case OP_VECTOR_PERMUTE_IN_PAIRS: return copy(s->second, even(lane) + (s->control >> lane & 1));
    case OP_VECTOR_PERMUTE: return copy(s->second, (lane & ~3u) + (s->control >> lane % 4 * 2 & 3));
    case OP_VECTOR_PERMUTE_HALVES: return halves(s, lane);
    case OP_VECTOR_SHUFFLE_PIECES: return pieces(s, lane);
    case OP_VECTOR_BLEND: return blended(s, instruction->width, lane);
    case OP_VECTOR_ALIGN_BYTES: return aligned(s, lane);
    case OP_VECTOR_ALIGN: return slid(s, lane);
    case OP_VECTOR_SHIFT_RIGHT:
    case OP_VECTOR_SHIFT_LEFT: return shifted(s, instruction->operation == OP_VECTOR_SHIFT_RIGHT, lane);
    default: return unclear;
    }
}

struct lane_source lane_source(const struct instruction *instruction, unsigned lane)
{
    struct sources s = sources_of(instruction);
    if (instruction->avx && lane >= s.lanes) return number; /* cleared */
    switch (instruction->operation) {
    case OP_VECTOR_WORD:
    case OP_VECTOR_LOW:
    case OP_VECTOR_SCALAR:
    case OP_VECTOR_HIGH: return word(instruction, &s, lane);
    case OP_VECTOR_FULL: return copy(s.second, lane);
    case OP_VECTOR_UNPACK_LOW:
    case OP_VECTOR_UNPACK_HIGH: return unpacked(instruction, &s, lane);
    case OP_VECTOR_HIGH_TO_LOW: return lane ? copy(s.first, lane) : copy(s.second, 1);
    case OP_VECTOR_BROADCAST: return copy(s.second, lane % (instruction->width / 8u));
    case OP_VECTOR_DOUBLE: return copy(s.second, even(lane));
    case OP_VECTOR_CLEAR: return is_vector(s.second) && is_register(s.first, s.second->reg) ? number : unclear;
    default: return controlled(instruction, &s, lane);
    }
}
