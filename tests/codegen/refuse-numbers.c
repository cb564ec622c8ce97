// References that are kept as numbers: in variables and fields whose types show numbers, whoever puts them there.
// RUN: refused %gwcc -O0 -g -ferror-limit=0 -c %s -o %t 2>&1 | %check
// RUN: refused %gwcc -O1 -g -ferror-limit=0 -c %s -o %t 2>&1 | %check
// RUN: refused %gwcc -O2 -g -ferror-limit=0 -c %s -o %t 2>&1 | %check
// RUN: refused %gwcc -O3 -g -ferror-limit=0 -c %s -o %t 2>&1 | %check
#include <greywave/greywave.h>
#include <string.h>

struct node {
    struct node GW *next;
    long value;
};
typedef struct node GW *node;
struct shown {
    node first;
    long second;
};
struct numbers {
    long first, second;
};
GW_TYPE(numbers, struct numbers);
typedef long pair __attribute__((vector_size(16)));
void may_collect(void);
long use(const void *);

#ifndef ALLOWED
static struct numbers global;
static _Thread_local struct numbers of_the_thread;
void struct_assignments(struct shown *result, node n)
{
    struct shown shown = {n, 2};
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: references are copied through a variable whose type holds none
    struct numbers local = *(struct numbers *)&shown;
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: references are copied through a variable whose type holds none
    memcpy(&global, &shown, sizeof global);
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: references are copied through a variable whose type holds none
    of_the_thread = *(struct numbers *)&shown;
    use(&local);
    struct shown back;
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: references are copied through a variable whose type holds none
    memcpy(&back, &global, sizeof back);
    *result = back;
}

// At the beginning of an object, or from a number in it on.
struct one {
    long word;
};
struct number_first {
    long number;
    node next;
};
GW_TYPE(number_first, struct number_first);
struct one first_field(node n, struct one word)
{
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: references are copied through a variable whose type holds none
    *(struct one GW *)&n->next = word;
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: references are copied through a variable whose type holds none
    return *(struct one GW *)&n->next;
}
void from_a_number_on(struct number_first GW *object)
{
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: references are copied through a variable whose type holds none
    struct numbers local = *(struct numbers GW *)&object->number;
    use(&local);
}
void first_of_a_struct(struct shown *shown, long word)
{
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: an integer is stored where a reference belongs
    *(long *)&shown->first = word;
}

// A caller hands on the plain address of a field.
static void set_word(long *place, long word)
{
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
    *place = word;
}
static inline void add_bits(volatile long *place, long word)
{
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
    *place |= word;
}
__attribute__((noinline)) GW_NOCOLLECT static void exchange_word(long *place, long word)
{
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
    __atomic_exchange_n(place, word, __ATOMIC_SEQ_CST);
}
static void mix_word(long *place, long word)
{
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
    __atomic_fetch_or(place, word, __ATOMIC_SEQ_CST);
}
static void set_double(double *place, double word)
{
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
    *place = word;
}
static void set_bytes(char *place, const char *from)
{
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
    for (int i = 0; i < 8; i++) place[i] = from[i];
}
static void copy_bytes(void *place, const void *from, unsigned long bytes)
{
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
    memcpy(place, from, bytes);
}
static void copy_struct(struct one *place, const struct one *from)
{
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
    *place = *from;
}
static void set_next(node n, const void *from)
{
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written into an object
    memcpy((void *)&n->next, from, 8);
}
static long word_at(const long *place) { return *place; }
static void set_what_was_read(long *place, long word)
{
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
    *place = word;
}
void by_callees(node n, struct number_first GW *object)
{
    long word = (long)n->next, read = word_at((long *)&object->next);
    double number;
    struct one one = {word};
    memcpy(&number, &word, sizeof number);
    may_collect();
    set_word((long *)&object->next, word);
    add_bits((long *)&n->next, word);
    exchange_word((long *)&n->next, word);
    mix_word((long *)&n->next, word);
    set_double((double *)&n->next, number);
    set_bytes((char *)&n->next, (char *)&word);
    copy_bytes((void *)&n->next, &word, sizeof word);
    copy_struct((struct one *)&n->next, &one);
    set_next(n, &word);
    set_what_was_read((long *)&n->next, read);
}

// A caller shows what the pointers lead to.
__attribute__((noinline)) static void exchange_structs(struct numbers *a, struct numbers *b)
{
    struct numbers kept = *a;
    may_collect();
    *a = *b;
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs after a call that may collect, which may have moved what they refer to; read and write them as a GW pointer, or through a struct whose type shows that they are a number
    *b = kept;
}
void exchange_words(long *a, long *b)
{
    long kept = *a;
    may_collect();
    *a = *b;
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
    *b = kept;
}
static void move_vector(pair *to, pair *from)
{
    pair kept = *from;
    may_collect();
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
    *to = kept;
}
static void exchange_bytes(char *a, char *b)
{
    char kept[8];
    for (int i = 0; i < 8; i++) kept[i] = a[i];
    for (int i = 0; i < 8; i++) a[i] = b[i], may_collect();
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
    for (int i = 0; i < 8; i++) b[i] = kept[i];
}
static void rotate(long *words, int count)
{
    long first = words[0];
    may_collect();
    for (int i = 0; i + 1 < count; i++) words[i] = words[i + 1];
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
    words[count - 1] = first;
}
static long *place_of(struct shown *shown, int which) { return which ? &shown->second : (long *)&shown->first; }
static void exchange_by_results(struct shown *a, struct shown *b, int which)
{
    long kept = *place_of(a, which);
    may_collect();
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
    *place_of(b, which) = kept;
}
void exchange(node n, node m)
{
    struct shown a = {n, 1}, b = {m, 2};
    exchange_by_results(&a, &b, 0);
    exchange_structs((struct numbers *)&a, (struct numbers *)&b);
    exchange_words((long *)&a.first, (long *)&b.first);
    move_vector((pair *)&a, (pair *)&b);
    exchange_bytes((char *)&a, (char *)&b);
    node many[4] = {n, m, n, m};
    rotate((long *)many, 4);
    use(&a);
    use(many);
}

// The pointer is moved on by a loop, and the numbers are kept in a variable that is filled through a pointer.
void rewrite_words(struct shown *shown)
{
    for (long *p = (long *)shown; p < (long *)(shown + 1); p++) {
        long word = *p;
        may_collect();
        // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
        *p = word;
    }
}
void words_by_pointers(struct shown *shown)
{
    struct numbers kept;
    long *to = (long *)&kept, *from = (long *)shown;
    for (int i = 0; i < 2; i++) *to++ = *from++;
    may_collect();
    to = (long *)shown, from = (long *)&kept;
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
    for (int i = 0; i < 2; i++) *to++ = *from++;
}
// The numbers lie in a variable of the caller's, which calls in between.
static void move_word(long *to, const long *from)
{
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
    *to = *from;
}
void there_and_back(node n, node m)
{
    struct shown a[2] = {{n, 1}, {m, 2}};
    long kept;
    rewrite_words(a);
    words_by_pointers(a);
    move_word(&kept, (long *)&a->first);
    may_collect();
    move_word((long *)&a->first, &kept);
    use(a);
}

// The same by a function out of a table.
static void leave_word(long *to, const long *from) { (void)to, (void)from; }
static void move_word_by_table(long *to, const long *from)
{
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
    *to = *from;
}
static void (*const movers[])(long *, const long *) = {leave_word, move_word_by_table};
void there_and_back_by_a_table(node n, int which)
{
    struct shown a = {n, 1};
    long kept;
    movers[which](&kept, (long *)&a.first);
    may_collect();
    movers[which]((long *)&a.first, &kept);
    use(&a);
}
// In a struct that is passed by value, in memory: the copy is made in front of the call that collects.
struct three_words {
    long words[3];
};
static void write_late(node *to, struct three_words words)
{
    may_collect();
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written where a reference belongs
    *(struct three_words *)to = words;
}
void passed_by_value(node n)
{
    node nodes[3] = {n, n, n};
    write_late(nodes, *(struct three_words *)nodes);
    use(nodes);
}

// By a pointer to a function that hides them, which all callers pass.
node nothing(void) { return NULL; }
__attribute__((noinline)) static void *by_an_argument(void *(*called)(void))
{
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: 'nothing' is called by a type that does not show its references
    return called();
}
void *hidden_result(void) { return by_an_argument((void *(*)(void))nothing); }

// All callers show that the variable holds numbers.
__attribute__((noinline)) static node read_as_reference(node *place)
{
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is kept in a variable whose type does not show one there
    return *place;
}
__attribute__((noinline)) static void write_as_reference(node *place, node n)
{
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is kept in a variable whose type does not show one there
    *place = n;
}
static void fill(struct shown *to, const void *from)
{
    struct shown filled;
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: references are copied through a variable whose type holds none
    memcpy(&filled, from, sizeof filled);
    may_collect();
    *to = filled;
}
node by_address(struct numbers *numbers, node n)
{
    struct numbers local = *numbers;
    write_as_reference((node *)&local.first, n);
    may_collect();
    struct shown shown;
    fill(&shown, &local);
    return shown.second ? shown.first : read_as_reference((node *)&local.first);
}

struct numbers GW *make_numbers(void) { return gw_new(numbers); }
node in_an_object(struct numbers GW *object, node n)
{
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is kept in a field of an object that is a number by the object's type, where the collector does not look; declare the field as a GW pointer
    *(node GW *)&object->first = n;
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is kept in a field of an object that is a number
    memcpy((void *)&object->second, &n, sizeof n);
    may_collect();
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is kept in a field of an object that is a number
    return *(node GW *)&object->first;
}
struct mixed {
    long first, second;
    node third;
    long fourth;
};
GW_TYPE(mixed, struct mixed);
struct three {
    long number;
    node first, second, third;
};
GW_TYPE(three, struct three);
struct mixed GW *make_mixed(void) { return gw_new(mixed); }
struct three GW *make_three(void) { return gw_new(three); }
void of_several_fields(struct mixed GW *mixed, struct three GW *three, struct mixed GW *other)
{
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is kept in a field of an object that is a number by the object's type
    memcpy(&mixed->second, &three->first, 16);
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is kept in a field of an object that is a number by the object's type
    memmove(&three->second, &mixed->third, 16);
    memcpy(&mixed->second, &other->second, 24);
}
void from_object_to_object(struct numbers GW *object, node n)
{
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is kept in a field of an object that is a number by the object's type
    memcpy(&object->first, &n->next, sizeof n->next);
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is kept in a field of an object that is a number by the object's type
    memmove(&n->next, &object->first, sizeof n->next);
    memcpy(&object->first, &n->value, sizeof n->value);
}

// What a function reads first it reads for every caller.
__attribute__((noinline)) static node load(node *place) { return *place; }
long read_for_all(node n)
{
    long number = (long)load(&n);
    may_collect();
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is kept in a variable whose type does not show one there
    return load((node *)&number)->value;
}

// The object's allocation says what it holds, whatever it is used as.
long used_as_another(node n)
{
    node object = (node)(void GW *)gw_new(numbers);
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is kept in a field of an object that is a number by the object's type
    object->next = n;
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: a reference is kept in a field of an object that is a number by the object's type
    memcpy((void *)object, (void *)&n->next, sizeof n->next);
    return (long)object;
}

// In memory that a function of the file is handed, which collects before it reads: a struct by value, an array.
struct four {
    long word[4];
};
static long of_struct(struct four four)
{
    may_collect();
    return four.word[0];
}
static void put_struct(void GW *to, struct four four)
{
    may_collect();
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written into an object after a call that may collect
    *(long GW *)to = four.word[0];
}
static struct four through(struct four four)
{
    may_collect();
    return four;
}
static long of_array(const long words[4])
{
    may_collect();
    return words[1];
}
static long of_deeper_array(const long *words)
{
    may_collect();
    return of_array(words);
}
void handed_in_memory(void GW *to, node n)
{
    long words[4] = {1, (long)n->next};
    put_struct(to, (struct four){{*(long GW *)&n->next, 2, 3, 4}});
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written into an object after a call that may collect
    *(long GW *)to = of_struct((struct four){{*(long GW *)&n->next}});
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written into an object after a call that may collect
    *(long GW *)to = through((struct four){{*(long GW *)&n->next}}).word[0];
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written into an object after a call that may collect
    *(long GW *)to = of_array(words);
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written into an object after a call that may collect
    *(long GW *)to = of_deeper_array(words);
}

void complex_number(void GW *to, node n)
{
    _Complex long both = *(_Complex long GW *)&n->next;
    may_collect();
    // CHECK-DAG: refuse-numbers.c:[[#@LINE+1]]:{{[0-9]+}}: error: greywave: bits that may be those of a reference are written into an object after a call that may collect
    *(long GW *)to = __real__ both;
}
#else
// What moves words of any kind between two calls that may collect is right (memory_writes.c runs it).
// RUN: %gwcc -O0 -DALLOWED -c %s -o %t
// RUN: %gwcc -O2 -DALLOWED -c %s -o %t
static void exchange_words(long *a, long *b)
{
    long kept = *a;
    *a = *b;
    *b = kept;
    may_collect();
}

// Through variables of the caller's, with nothing between that may collect; and every second word, which is a number.
static void move_word(long *to, const long *from) { *to = *from; }
static void add_to_numbers(long *from, long *end)
{
    for (long *p = from + 1; p < end; p += 2) {
        long word = *p;
        may_collect();
        *p = word;
    }
}
long moved(node n, node m)
{
    struct shown a[2] = {{n, 1}, {m, 2}};
    for (int i = 0; i < 3; i++) {
        long kept;
        move_word(&kept, (long *)&a[0].first);
        move_word((long *)&a[0].first, (long *)&a[1].first);
        move_word((long *)&a[1].first, &kept);
        may_collect();
    }
    add_to_numbers((long *)a, (long *)(a + 2));
    return use(a);
}

// By callees that are given the plain address of a field: the number of before where a number is, that of the moment where a reference is.
static void set_word(long *place, long word) { *place = word; }
static void copy_bytes(void *place, const void *from, unsigned long bytes) { memcpy(place, from, bytes); }
void by_callees(node n, node m)
{
    long before = (long)n->next, word = before;
    may_collect();
    word = (long)m->next;
    set_word((long *)&n->value, before);
    set_word((long *)&n->next, word);
    copy_bytes((void *)&n->value, &before, sizeof before);
    copy_bytes((void *)&n->next, &word, sizeof word);
}

// References and numbers, there and back by the same function.
long there_and_back(node n, node m)
{
    node nodes[2] = {n, m}, kept[2];
    long numbers[2] = {1, 2}, kept_numbers[2];
    copy_bytes(kept, nodes, sizeof nodes);
    copy_bytes(kept_numbers, numbers, sizeof numbers);
    may_collect();
    copy_bytes(nodes, kept, sizeof nodes);
    copy_bytes(numbers, kept_numbers, sizeof numbers);
    return use(nodes) + use(numbers);
}

// References by one call, numbers by another.
static void set(void *place, node n, int is_number)
{
    may_collect();
    if (is_number) *(long *)place = n->value;
    else *(node *)place = n;
}

long exchange(node n, node m)
{
    struct shown a = {n, 1}, b = {m, 2};
    exchange_words((long *)&a.first, (long *)&b.first);
    long number;
    set(&number, n, 1);
    set(&a.first, m, 0);
    struct numbers copy = {b.second, a.second}; // the field that is meant
    return number + use(&a) + use(&b) + use(&copy);
}

// What is handed in memory: read before anything moves, or a number.
struct four {
    long word[4];
};
static void put_at_once(void GW *to, struct four four)
{
    *(long GW *)to = four.word[0];
    may_collect();
}
static long number_of(struct four four)
{
    may_collect();
    return four.word[0];
}
static long first_of(const long *words)
{
    long first = words[0];
    may_collect();
    return first % 3;
}
void handed_in_memory(void GW *to, node n)
{
    long words[4] = {(long)n->next};
    put_at_once(to, (struct four){{*(long GW *)&n->next}});
    *(long GW *)to = number_of((struct four){{n->value}});
    *(long GW *)to = first_of(words) & 1;
}
#endif
