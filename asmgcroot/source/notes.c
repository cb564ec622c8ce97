/* A note stands in front of the block's last instruction as the compiler sees it, which may be several of the assembler's, or
 * none. It ends where the next block begins. */
#include "source/notes.h"

/* ---- Reading --------------------------------------------------------------------------------------- */

/* Takes the next word; brackets may have blanks inside. */
static struct text next_word(struct text *list)
{
    size_t size = 0;
    for (int depth = 0; size < list->size && (depth > 0 || list->at[size] != ' '); size++)
        depth += (list->at[size] == '[' || list->at[size] == '(') - (list->at[size] == ']' || list->at[size] == ')');
    struct text word = {list->at, size};
    *list = text_trimmed((struct text){list->at + size, list->size - size});
    return word;
}

static bool is_number(struct text word, uint32_t *number)
{
    *number = 0;
    for (size_t i = 0; i < word.size; i++) {
        if (i == 9 || word.at[i] < '0' || word.at[i] > '9') return false;
        *number = *number * 10 + (uint32_t)(word.at[i] - '0');
    }
    return word.size != 0;
}

/* (CAN_FALLTHRU,EH) has EH, and not FALLTHRU. */
static bool has_flag(struct text word, struct text flag)
{
    struct text flags = {word.at + 1, word.size - 2}, item;
    while (text_next_item(&flags, &item))
        if (text_equal(item, flag)) return true;
    return false;
}

static void note_flags(struct successor *successor, struct text word)
{
    if (word.size < 3 || *word.at != '(') return;
    successor->falls_through |= has_flag(word, TEXT("FALLTHRU"));
    successor->abnormal |= has_flag(word, TEXT("ABNORMAL")) || has_flag(word, TEXT("ABNORMAL_CALL"));
    successor->exception |= has_flag(word, TEXT("EH"));
}

bool next_successor(struct text *list, struct successor *successor)
{
    *successor = (struct successor){0};
    while (list->size)
        if (is_number(next_word(list), &successor->block)) {
            uint32_t next;
            for (struct text rest = *list; rest.size; *list = rest) {
                struct text word = next_word(&rest);
                if (is_number(word, &next) || text_equal(word, TEXT("EXIT"))) break;
                note_flags(successor, word);
            }
            return true;
        }
    return false;
}

/* ---- Giving ---------------------------------------------------------------------------------------- */

static bool is_control(const struct instruction *instruction)
{
    return ends_flow(instruction) || instruction->operation == OP_BRANCH || instruction->operation == OP_CALL;
}

/* An exception comes back to a landing pad, which is known; anything else that comes back to a function does not only
 * end calls but brings back registers. */
static bool comes_back(struct text list)
{
    for (struct successor successor; next_successor(&list, &successor);)
        if (successor.abnormal && !successor.exception) return true;
    return false;
}

static bool goes_elsewhere(struct text list)
{
    for (struct successor successor; next_successor(&list, &successor);)
        if (!successor.falls_through) return true;
    return false;
}

static void tell(struct function *function, uint32_t at, struct text list)
{
    struct instruction *instruction = &function->instructions.at[at];
    instruction->told = true;
    instruction->successors = list;
    instruction->no_return = !list.size && instruction->operation == OP_CALL;
    instruction->leaves = text_starts(list, TEXT("EXIT"));
    instruction->goes_elsewhere = goes_elsewhere(list);
    if (instruction->operation == OP_CALL && comes_back(list)) function->comes_back = true;
}

/* To the last instruction of the compiler's: one that ends the flow, or all of inline assembler. */
static void tell_range(struct function *function, uint32_t first, uint32_t end, struct text list)
{
    uint32_t last = first;
    bool inline_assembler = false;
    for (uint32_t at = first; at < end; at++) {
        if (!function->instructions.at[at].inline_assembler) continue;
        tell(function, at, list);
        inline_assembler = true;
    }
    if (inline_assembler) return;
    while (last + 1 < end && !is_control(&function->instructions.at[last])) last++;
    tell(function, last, list);
}

/* To another place than where control goes on by itself. */
static bool leads_beyond(const struct function *function, struct text list, uint32_t next)
{
    for (struct successor successor; next_successor(&list, &successor);)
        if (!successor.falls_through && function_block(function, successor.block) != (int64_t)next) return true;
    return false;
}

void notes_settle(struct function *function)
{
    for (size_t i = 0; i < function->notes.count; i++) {
        const struct block_note *note = &function->notes.at[i];
        uint32_t end = (uint32_t)function->instructions.count;
        if (i + 1 < function->notes.count) end = function->notes.at[i + 1].first;
        if (!note->line) continue;
        if (note->at < end) tell_range(function, note->at, end, note->successors);
        else if (leads_beyond(function, note->successors, end)) function->lost_note = note->line;
    }
}
