/* An incremental solver of constraints with strengths (DeltaBlue; Sannella, Freeman-Benson, Maloney and Borning,
 * "Multi-way versus One-way Constraints in User Interfaces", 1993), on a chain of equal numbers and on a projection.
 * Stresses a cyclic graph of objects of middle age that is rewritten as it is walked, and short-lived lists of
 * references that grow.
 *
 * A constraint that is satisfied determines one of its variables, its output, from the others. A variable's walkabout
 * strength is that of the weakest constraint which could be given up to let somebody else determine the variable. */
#include "program.h"

enum strength { REQUIRED, PREFERRED, STRONG_DEFAULT, NORMAL, WEAKEST }; /* falling */
enum kind { STAY, EDIT, EQUAL, SCALED /* second = first * scale + offset */ };
enum output { NONE, FIRST, SECOND };
enum { FIRST_ROOM = 4, CHAIN_CHANGES = 100, PROJECTION_CHANGES = 10 };

struct constraint {
    struct variable GW *first, *second; /* `second`, `scale` and `offset`: by its kind */
    struct variable GW *scale, *offset;
    long kind, strength, output;
};
GW_TYPE_FIELDS(constraint, struct constraint, first, second, scale, offset);

struct slots {
    uint64_t length;
    struct constraint GW *at[];
};
GW_TYPE_REFERENCES(slots, struct slots, length, at);

struct list {
    struct slots GW *slots;
    long count;
};
GW_TYPE_FIELDS(list, struct list, slots);

struct variable {
    struct constraint GW *determined_by;
    struct list GW *users; /* all constraints on it */
    long value;
    long strength; /* walkabout */
    long mark;     /* the planner's last visit */
    long stays;    /* the plan may take it for a constant */
};
GW_TYPE_FIELDS(variable, struct variable, determined_by, users);

struct variables {
    uint64_t length;
    struct variable GW *at[];
};
GW_TYPE_REFERENCES(variables, struct variables, length, at);

static long newest_mark;

_Noreturn static void give_up(const char *what)
{
    fprintf(stderr, "deltablue: %s\n", what);
    exit(1);
}

/* ---- Lists ------------------------------------------------------------------------------------------ */

static struct list GW *make_list(void)
{
    struct slots GW *slots = gw_new_array(slots, FIRST_ROOM);
    struct list GW *list;
    GW_CALL(list = gw_new(list), slots);
    GW_STORE(list, slots, slots);
    return list;
}

static void grow(struct list GW *list)
{
    struct slots GW *slots;
    GW_CALL(slots = gw_new_array(slots, 2 * list->slots->length), list);
    for (long i = 0; i < list->count; i++) GW_STORE(slots, at[i], list->slots->at[i]);
    memory_release(list->slots);
    GW_STORE(list, slots, slots);
}

static void append(struct list GW *list, struct constraint GW *constraint)
{
    if (list->count == (long)list->slots->length) GW_CALL(grow(list), list, constraint);
    struct slots GW *slots = list->slots;
    GW_STORE(slots, at[list->count], constraint);
    list->count++;
}

static struct constraint GW *take_last(struct list GW *list)
{
    struct slots GW *slots = list->slots;
    struct constraint GW *constraint = slots->at[--list->count];
    slots->at[list->count] = NULL;
    return constraint;
}

static void drop(struct list GW *list, const struct constraint GW *constraint)
{
    struct slots GW *slots = list->slots;
    long kept = 0;
    for (long i = 0; i < list->count; i++)
        if (slots->at[i] != constraint) GW_STORE(slots, at[kept], slots->at[i]), kept++;
    for (long i = kept; i < list->count; i++) slots->at[i] = NULL;
    list->count = kept;
}

static void release_list(struct list GW *list)
{
    memory_release(list->slots);
    memory_release(list);
    (void)list;
}

/* ---- One constraint --------------------------------------------------------------------------------- */

static bool stronger(long a, long b)
{
    return a < b;
}

static long weakest(long a, long b)
{
    return stronger(a, b) ? b : a;
}

static struct variable GW *output_of(const struct constraint GW *constraint)
{
    return constraint->output == FIRST ? constraint->first : constraint->second;
}

/* The input among first and second, or NULL. */
static struct variable GW *input_of(const struct constraint GW *constraint)
{
    return constraint->output == FIRST ? constraint->second : constraint->first;
}

static void execute(const struct constraint GW *constraint)
{
    if (constraint->kind < EQUAL) return;
    struct variable GW *output = output_of(constraint);
    const struct variable GW *input = input_of(constraint);
    if (constraint->kind == EQUAL) output->value = input->value;
    else if (constraint->output == SECOND) output->value = input->value * constraint->scale->value + constraint->offset->value;
    else output->value = (input->value - constraint->offset->value) / constraint->scale->value;
}

/* What follows for the output from the inputs. */
static void recalculate(const struct constraint GW *constraint)
{
    struct variable GW *output = output_of(constraint);
    const struct variable GW *input = input_of(constraint);
    output->strength = constraint->strength;
    output->stays = constraint->kind != EDIT;
    if (input) {
        output->strength = weakest(constraint->strength, input->strength);
        output->stays = input->stays;
    }
    if (constraint->scale) output->stays = output->stays && constraint->scale->stays && constraint->offset->stays;
    if (output->stays) execute(constraint);
}

/* Whether the planner, on its way with this mark, may let the constraint determine the variable. */
static bool may_determine(const struct constraint GW *constraint, const struct variable GW *variable, long mark)
{
    return variable->mark != mark && stronger(constraint->strength, variable->strength);
}

/* The output that gives up the weakest constraint. */
static enum output choose_output(const struct constraint GW *constraint, long mark)
{
    const struct variable GW *first = constraint->first, *second = constraint->second;
    if (!second || second->mark == mark || (first->mark != mark && stronger(second->strength, first->strength)))
        return may_determine(constraint, first, mark) ? FIRST : NONE;
    return may_determine(constraint, second, mark) ? SECOND : NONE;
}

static void mark_inputs(const struct constraint GW *constraint, long mark)
{
    struct variable GW *input = input_of(constraint);
    if (input) input->mark = mark;
    if (constraint->scale) constraint->scale->mark = constraint->offset->mark = mark;
}

static bool is_known(const struct variable GW *variable, long mark)
{
    return !variable || variable->mark == mark || variable->stays || !variable->determined_by;
}

static bool inputs_known(const struct constraint GW *constraint, long mark)
{
    return is_known(input_of(constraint), mark) && is_known(constraint->scale, mark) && is_known(constraint->offset, mark);
}

/* ---- The planner ------------------------------------------------------------------------------------ */

/* Appends the satisfied constraints that have this variable for an input. */
static void append_consumers(struct list GW *list, const struct variable GW *variable)
{
    const struct constraint GW *determining = variable->determined_by;
    for (long i = 0; i < variable->users->count; i++) {
        struct constraint GW *user = variable->users->slots->at[i];
        if (user != determining && user->output != NONE) GW_CALL(append(list, user), list, variable, determining);
    }
}

/* Recalculates what lies behind the constraint's output. */
static void propagate(struct constraint GW *constraint, long mark)
{
    struct list GW *todo;
    GW_CALL(todo = make_list(), constraint);
    GW_CALL(append(todo, constraint), todo, constraint);
    while (todo->count > 0) {
        struct constraint GW *next = take_last(todo);
        if (next != constraint && output_of(next)->mark == mark) give_up("the constraints form a cycle");
        recalculate(next);
        GW_CALL(append_consumers(todo, output_of(next)), todo, constraint);
    }
    release_list(todo);
}

/* Returns the constraint that determined the output before, or NULL. */
static struct constraint GW *satisfy(struct constraint GW *constraint, long mark)
{
    constraint->output = choose_output(constraint, mark);
    if (constraint->output == NONE) {
        if (constraint->strength == REQUIRED) give_up("a required constraint cannot be satisfied");
        return NULL;
    }
    struct variable GW *output = output_of(constraint);
    struct constraint GW *overridden = output->determined_by;
    mark_inputs(constraint, mark);
    if (overridden) overridden->output = NONE;
    GW_STORE(output, determined_by, constraint);
    GW_CALL(propagate(constraint, mark), overridden, output);
    output->mark = mark;
    return overridden;
}

/* Satisfies it if it can, and then those that this leaves unsatisfied. */
static void enforce(struct constraint GW *constraint)
{
    long mark = ++newest_mark;
    while (constraint) constraint = satisfy(constraint, mark);
}

/* Appends the variable's unsatisfied constraints to one list, and what depends on it to the other, recalculated. */
static void follow(const struct variable GW *variable, struct list GW *unsatisfied, struct list GW *todo)
{
    for (long i = 0; i < variable->users->count; i++) {
        struct constraint GW *user = variable->users->slots->at[i];
        if (user->output == NONE) {
            GW_CALL(append(unsatisfied, user), variable, unsatisfied, todo);
        } else if (user != variable->determined_by) {
            recalculate(user);
            GW_CALL(append(todo, user), variable, unsatisfied, todo);
        }
    }
}

/* The constraints that may be satisfied now that nothing determines the variable. */
static struct list GW *free_variable(struct variable GW *variable)
{
    struct list GW *unsatisfied, *todo;
    variable->determined_by = NULL;
    variable->strength = WEAKEST;
    variable->stays = true;
    GW_CALL(unsatisfied = make_list(), variable);
    GW_CALL(todo = make_list(), variable, unsatisfied);
    GW_CALL(follow(variable, unsatisfied, todo), unsatisfied, todo);
    while (todo->count > 0) {
        const struct constraint GW *next = take_last(todo);
        GW_CALL(follow(output_of(next), unsatisfied, todo), unsatisfied, todo);
    }
    release_list(todo);
    return unsatisfied;
}

static void enforce_all(struct list GW *constraints)
{
    for (long strength = REQUIRED; strength < WEAKEST; strength++)
        for (long i = 0; i < constraints->count; i++) {
            struct constraint GW *constraint = constraints->slots->at[i];
            if (constraint->strength == strength) GW_CALL(enforce(constraint), constraints);
        }
}

/* What has to be executed, in order, whenever the edited variable has a new value. */
static struct list GW *make_plan(struct constraint GW *edit)
{
    struct list GW *plan, *todo;
    long mark = ++newest_mark;
    GW_CALL(plan = make_list(), edit);
    GW_CALL(todo = make_list(), plan, edit);
    GW_CALL(append(todo, edit), plan, todo);
    while (todo->count > 0) {
        struct constraint GW *next = take_last(todo);
        struct variable GW *output = output_of(next);
        if (output->mark == mark || !inputs_known(next, mark)) continue;
        output->mark = mark;
        GW_CALL(append(plan, next), plan, todo, output);
        GW_CALL(append_consumers(todo, output), plan, todo);
    }
    release_list(todo);
    return plan;
}

static void execute_plan(const struct list GW *plan)
{
    for (long i = 0; i < plan->count; i++) execute(plan->slots->at[i]);
}

/* ---- Building the graph ----------------------------------------------------------------------------- */

static struct variable GW *make_variable(long value)
{
    struct list GW *users = make_list();
    struct variable GW *variable;
    GW_CALL(variable = gw_new(variable), users);
    GW_STORE(variable, users, users);
    variable->value = value;
    variable->strength = WEAKEST;
    variable->stays = true;
    return variable;
}

static struct variables GW *make_variables(long count)
{
    struct variables GW *variables = gw_new_array(variables, (size_t)count);
    for (long i = 0; i < count; i++) {
        struct variable GW *variable;
        GW_CALL(variable = make_variable(i), variables);
        GW_STORE(variables, at[i], variable);
    }
    return variables;
}

static void add_user(struct variable GW *variable, struct constraint GW *constraint)
{
    if (variable) append(variable->users, constraint);
}

static struct constraint GW *make_constraint(enum kind kind, enum strength strength, struct variable GW *first, struct variable GW *second,
                                             struct variable GW *scale, struct variable GW *offset)
{
    struct constraint GW *constraint;
    GW_CALL(constraint = gw_new(constraint), first, second, scale, offset);
    constraint->kind = kind;
    constraint->strength = strength;
    GW_STORE(constraint, first, first);
    GW_STORE(constraint, second, second);
    GW_STORE(constraint, scale, scale);
    GW_STORE(constraint, offset, offset);
    GW_CALL(add_user(constraint->first, constraint), constraint);
    GW_CALL(add_user(constraint->second, constraint), constraint);
    GW_CALL(add_user(constraint->scale, constraint), constraint);
    GW_CALL(add_user(constraint->offset, constraint), constraint);
    GW_CALL(enforce(constraint), constraint);
    return constraint;
}

/* Of a constraint on one variable. */
static void remove_constraint(struct constraint GW *constraint)
{
    struct variable GW *variable = constraint->first;
    bool satisfied = constraint->output != NONE;
    drop(variable->users, constraint);
    memory_release(constraint);
    if (!satisfied) return;
    struct list GW *unsatisfied = free_variable(variable);
    GW_CALL(enforce_all(unsatisfied), unsatisfied);
    release_list(unsatisfied);
}

/* Gives the variable one value after the other, the last of which is `value`. */
static void change(struct variable GW *variable, long value, long times)
{
    struct constraint GW *edit;
    struct list GW *plan;
    GW_CALL(edit = make_constraint(EDIT, PREFERRED, variable, NULL, NULL, NULL), variable);
    if (edit->output == NONE) give_up("an edit is not satisfied");
    GW_CALL(plan = make_plan(edit), variable, edit);
    for (long i = times - 1; i >= 0; i--) {
        variable->value = value - i;
        execute_plan(plan);
    }
    release_list(plan);
    remove_constraint(edit);
}

/* A constraint is given back where it is the first variable's; the others forget it before. */
static void release_graph(struct variables GW *variables)
{
#if MEMORY_EXPLICIT
    for (uint64_t i = 0; i < variables->length; i++) {
        struct list *users = variables->at[i]->users;
        long kept = 0;
        for (long j = 0; j < users->count; j++)
            if (users->slots->at[j]->first == variables->at[i]) users->slots->at[kept++] = users->slots->at[j];
        users->count = kept;
    }
    for (uint64_t i = 0; i < variables->length; i++) {
        struct list *users = variables->at[i]->users;
        for (long j = 0; j < users->count; j++) memory_release(users->slots->at[j]);
        release_list(users);
        memory_release(variables->at[i]);
    }
#endif
    memory_release(variables);
    (void)variables;
}

/* ---- The two graphs --------------------------------------------------------------------------------- */

static long sum_of(const struct variables GW *variables, long sum)
{
    for (uint64_t i = 0; i < variables->length; i++) sum = checksum(sum, variables->at[i]->value);
    return sum;
}

/* Numbers each of which equals the next; the last stays, but the first is edited, which is stronger. */
static long run_chain(long length, long sum)
{
    struct variables GW *chain = make_variables(length);
    for (long i = 0; i + 1 < length; i++) GW_CALL(make_constraint(EQUAL, REQUIRED, chain->at[i], chain->at[i + 1], NULL, NULL), chain);
    GW_CALL(make_constraint(STAY, STRONG_DEFAULT, chain->at[length - 1], NULL, NULL, NULL), chain);
    GW_CALL(change(chain->at[0], sum % 1000 + CHAIN_CHANGES, CHAIN_CHANGES), chain);
    if (chain->at[length - 1]->value != chain->at[0]->value) give_up("the chain's ends differ");
    sum = sum_of(chain, sum);
    release_graph(chain);
    return sum;
}

/* Points and their images, all by one scale and one offset: variables 0 and 1, then point, image, point, image. */
static struct variables GW *make_projection(long points)
{
    struct variables GW *variables = make_variables(2 + 2 * points);
    variables->at[0]->value = 10;
    variables->at[1]->value = 1000;
    for (uint64_t i = 2; i < variables->length; i += 2) {
        GW_CALL(make_constraint(STAY, NORMAL, variables->at[i], NULL, NULL, NULL), variables);
        GW_CALL(make_constraint(SCALED, REQUIRED, variables->at[i], variables->at[i + 1], variables->at[0], variables->at[1]), variables);
    }
    return variables;
}

static long run_projection(long points, long sum)
{
    struct variables GW *variables = make_projection(points);
    uint64_t point = variables->length - 2, image = variables->length - 1;
    GW_CALL(change(variables->at[point], 17, PROJECTION_CHANGES), variables);
    if (variables->at[image]->value != 1170) give_up("a point's image is wrong");
    GW_CALL(change(variables->at[image], 1050, PROJECTION_CHANGES), variables);
    if (variables->at[point]->value != 5) give_up("an image's point is wrong");
    GW_CALL(change(variables->at[0], 12, PROJECTION_CHANGES), variables);
    sum = sum_of(variables, sum);
    GW_CALL(change(variables->at[1], 2000, PROJECTION_CHANGES), variables);
    sum = sum_of(variables, sum);
    release_graph(variables);
    return sum;
}

int main(int argc, char **argv)
{
    long size = demo_size(argc, argv, 100, 1000000), length = size < 10 ? 30 : 4000, sum = 0;
    uint64_t started = memory_start();
    for (long i = 0; i < size; i++) {
        sum = run_chain(length + i, sum);
        sum = run_projection(length + i, sum);
    }
    printf("%ld rounds of the chain and the projection, checksum %ld\n", size, sum);
    return memory_finish(started);
}
