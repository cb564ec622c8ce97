/* Event simulation: customers pass through a network of stations, queue, are served, and leave early when their
 * patience ends. The calendar of future events is a binary heap in a collected array that grows.
 *
 *     event-simulation [customers]      default 500000
 *
 * Arrivals are booked far ahead, so the calendar is large. Events point at customers and stations, a customer at its own
 * pending timeout and at its neighbours in the queue, stations at both ends of their queues. Starting a service cancels
 * the timeout: the cancelled event stays in the calendar until its time comes, as is usual for binary heaps, but lets go
 * of its customer.
 */
#include "memory.h"

enum event_kind { ARRIVAL, SERVICE_ENDS, PATIENCE_ENDS };

struct customer;
struct station;

struct event {
    uint64_t time;
    uint64_t order; /* events of the same time happen in the order they were planned */
    struct customer GW *customer;
    struct station GW *station;
    uint32_t kind; /* enum event_kind */
    bool cancelled;
};
GW_TYPE_FIELDS(event, struct event, customer, station);

struct visit {
    struct visit GW *earlier;
    struct station GW *station;
    uint64_t waited;
};
GW_TYPE_FIELDS(visit, struct visit, earlier, station);

struct customer {
    struct event GW *timeout;   /* while it waits in a queue */
    struct visit GW *visits;    /* the latest first */
    struct customer GW *before; /* in the queue */
    struct customer GW *behind;
    uint64_t number;
    uint64_t queued_at;
    uint32_t stops_left;
};
GW_TYPE_FIELDS(customer, struct customer, timeout, visits, before, behind);

struct station {
    struct customer GW *first, *last; /* the queue */
    struct customer GW *served;
    uint64_t number;
    uint64_t queue_length, longest_queue;
    uint64_t served_count, abandoned_count, total_wait;
};
GW_TYPE_FIELDS(station, struct station, first, last, served);

struct stations {
    uint64_t length;
    struct station GW *at[];
};
GW_TYPE_REFERENCES(stations, struct stations, length, at);

struct slots {
    uint64_t length;
    struct event GW *at[];
};
GW_TYPE_REFERENCES(slots, struct slots, length, at);

struct calendar {
    struct slots GW *slots;
    uint64_t count, planned, most;
};
GW_TYPE_FIELDS(calendar, struct calendar, slots);

DEMO_SHARED struct calendar GW *calendar_make(void);
DEMO_SHARED struct event GW *calendar_plan(struct calendar GW *calendar, uint64_t time, enum event_kind kind, struct customer GW *customer,
                                           struct station GW *station);
DEMO_SHARED struct event GW *calendar_next(struct calendar GW *calendar);
DEMO_SHARED void calendar_release(struct calendar GW *calendar);

/* ---- The calendar ---------------------------------------------------------------------------------- */

#if DEMO_FIRST
enum { FIRST_SLOTS = 16 };

DEMO_SHARED struct calendar GW *calendar_make(void)
{
    struct calendar GW *calendar = gw_new(calendar);
    struct slots GW *slots;
    GW_CALL(slots = gw_new_array(slots, FIRST_SLOTS), calendar);
    GW_STORE(calendar, slots, slots);
    return calendar;
}

static bool event_before(const struct event GW *a, const struct event GW *b)
{
    return a->time != b->time ? a->time < b->time : a->order < b->order;
}

static void calendar_grow(struct calendar GW *calendar)
{
    struct slots GW *old = calendar->slots, *slots;
    GW_CALL(slots = gw_new_array(slots, old->length * 2), calendar, old);
    for (uint64_t i = 0; i < old->length; i++) GW_STORE(slots, at[i], old->at[i]);
    GW_STORE(calendar, slots, slots);
    memory_release(old);
}

static void slots_raise(struct slots GW *slots, uint64_t place, struct event GW *event)
{
    while (place > 0 && event_before(event, slots->at[(place - 1) / 2])) {
        GW_STORE(slots, at[place], slots->at[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    GW_STORE(slots, at[place], event);
}

static void slots_sink(struct slots GW *slots, uint64_t count, struct event GW *event)
{
    uint64_t place = 0;
    for (uint64_t child; (child = 2 * place + 1) < count; place = child) {
        if (child + 1 < count && event_before(slots->at[child + 1], slots->at[child])) child++;
        if (!event_before(slots->at[child], event)) break;
        GW_STORE(slots, at[place], slots->at[child]);
    }
    GW_STORE(slots, at[place], event);
}

/* A new event, which the caller may cancel. The calendar owns it until calendar_next hands it out. */
DEMO_SHARED struct event GW *calendar_plan(struct calendar GW *calendar, uint64_t time, enum event_kind kind, struct customer GW *customer,
                                           struct station GW *station)
{
    struct event GW *event;
    GW_CALL(event = gw_new(event), calendar, customer, station);
    event->time = time;
    event->order = calendar->planned++;
    event->kind = kind;
    GW_STORE(event, customer, customer);
    GW_STORE(event, station, station);
    if (calendar->count == calendar->slots->length) GW_CALL(calendar_grow(calendar), calendar, event);
    slots_raise(calendar->slots, calendar->count++, event);
    if (calendar->count > calendar->most) calendar->most = calendar->count;
    return event;
}

static struct event GW *calendar_take(struct calendar GW *calendar)
{
    struct slots GW *slots = calendar->slots;
    struct event GW *event = slots->at[0];
    struct event GW *last = slots->at[--calendar->count];
    GW_STORE(slots, at[calendar->count], NULL);
    if (calendar->count) slots_sink(slots, calendar->count, last);
    return event;
}

/* The next event that was not cancelled, or NULL. */
DEMO_SHARED struct event GW *calendar_next(struct calendar GW *calendar)
{
    while (calendar->count) {
        struct event GW *event = calendar_take(calendar);
        if (!event->cancelled) return event;
        memory_release(event);
    }
    return NULL;
}

DEMO_SHARED void calendar_release(struct calendar GW *calendar)
{
    memory_release(calendar->slots);
    memory_release(calendar);
    (void)calendar;
}
#endif

/* ---- The simulation -------------------------------------------------------------------------------- */

#if DEMO_SECOND
enum { STATION_COUNT = 24, STOPS = 4, MEAN_GAP = 60, MEAN_SERVICE = 300, MEAN_PATIENCE = 2500, MOST_BOOKED = 20000 };

static struct calendar GW *calendar;
static struct stations GW *stations;
GW_GLOBAL(calendar);
GW_GLOBAL(stations);

struct simulation {
    uint64_t now;
    uint64_t arrivals_left, booked, departed, abandoned, events, checksum;
    uint64_t random;
};

static uint64_t random_next(struct simulation *simulation)
{
    uint64_t x = simulation->random;
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    return simulation->random = x;
}

/* From 1 to 2 * mean - 1. */
static uint64_t random_time(struct simulation *simulation, uint64_t mean)
{
    return 1 + (random_next(simulation) >> 11) % (2 * mean - 1);
}

static struct station GW *random_station(struct simulation *simulation)
{
    return stations->at[(random_next(simulation) >> 11) % STATION_COUNT];
}

static void queue_append(struct station GW *station, struct customer GW *customer)
{
    GW_STORE(customer, before, station->last);
    GW_STORE(customer, behind, NULL);
    if (station->last) GW_STORE(station->last, behind, customer);
    else GW_STORE(station, first, customer);
    GW_STORE(station, last, customer);
    if (++station->queue_length > station->longest_queue) station->longest_queue = station->queue_length;
}

static void queue_remove(struct station GW *station, struct customer GW *customer)
{
    if (customer->before) GW_STORE(customer->before, behind, customer->behind);
    else GW_STORE(station, first, customer->behind);
    if (customer->behind) GW_STORE(customer->behind, before, customer->before);
    else GW_STORE(station, last, customer->before);
    GW_STORE(customer, before, NULL);
    GW_STORE(customer, behind, NULL);
    station->queue_length--;
}

static void remember_visit(struct simulation *simulation, struct customer GW *customer, struct station GW *station)
{
    struct visit GW *visit;
    GW_CALL(visit = gw_new(visit), customer, station);
    GW_STORE(visit, station, station);
    visit->waited = simulation->now - customer->queued_at;
    GW_STORE(visit, earlier, customer->visits);
    GW_STORE(customer, visits, visit);
    station->total_wait += visit->waited;
}

static void cancel_timeout(struct customer GW *customer)
{
    customer->timeout->cancelled = true;
    GW_STORE(customer->timeout, customer, NULL);
    GW_STORE(customer, timeout, NULL);
}

static void start_service(struct simulation *simulation, struct station GW *station)
{
    struct customer GW *customer = station->first;
    if (station->served || !customer) return;
    queue_remove(station, customer);
    cancel_timeout(customer);
    GW_CALL(remember_visit(simulation, customer, station), customer, station);
    GW_STORE(station, served, customer);
    uint64_t end = simulation->now + random_time(simulation, MEAN_SERVICE);
    calendar_plan(calendar, end, SERVICE_ENDS, customer, station);
}

static void join_queue(struct simulation *simulation, struct customer GW *customer, struct station GW *station)
{
    customer->queued_at = simulation->now;
    queue_append(station, customer);
    uint64_t end = simulation->now + random_time(simulation, MEAN_PATIENCE);
    struct event GW *timeout;
    GW_CALL(timeout = calendar_plan(calendar, end, PATIENCE_ENDS, customer, station), customer, station);
    GW_STORE(customer, timeout, timeout);
    start_service(simulation, station);
}

/* The customer goes home; what it went through enters the checksum. */
static void leave(struct simulation *simulation, struct customer GW *customer)
{
    uint64_t story = customer->number;
    for (struct visit GW *visit = customer->visits, *earlier; visit; visit = earlier) {
        earlier = visit->earlier;
        story = story * 1000003 + visit->station->number * 31 + visit->waited;
        memory_release(visit);
    }
    simulation->checksum ^= story * 0x9e3779b97f4a7c15u;
    simulation->checksum = simulation->checksum << 7 | simulation->checksum >> 57;
    simulation->departed++;
    memory_release(customer);
}

static void plan_arrival(struct simulation *simulation)
{
    if (!simulation->arrivals_left) return;
    struct customer GW *customer = gw_new(customer);
    customer->number = simulation->arrivals_left--;
    customer->stops_left = 1 + (uint32_t)(random_next(simulation) >> 11) % STOPS;
    uint64_t time = simulation->now + random_time(simulation, MEAN_GAP * simulation->booked);
    calendar_plan(calendar, time, ARRIVAL, customer, random_station(simulation));
}

static void service_ends(struct simulation *simulation, struct customer GW *customer, struct station GW *station)
{
    GW_STORE(station, served, NULL);
    station->served_count++;
    GW_CALL(start_service(simulation, station), customer);
    if (--customer->stops_left) join_queue(simulation, customer, random_station(simulation));
    else leave(simulation, customer);
}

static void patience_ends(struct simulation *simulation, struct customer GW *customer, struct station GW *station)
{
    GW_STORE(customer, timeout, NULL);
    queue_remove(station, customer);
    station->abandoned_count++;
    simulation->abandoned++;
    leave(simulation, customer);
}

static void happen(struct simulation *simulation, struct event GW *event)
{
    struct customer GW *customer = event->customer;
    struct station GW *station = event->station;
    simulation->now = event->time;
    simulation->events++;
    switch ((enum event_kind)event->kind) {
    case ARRIVAL:
        GW_CALL(plan_arrival(simulation), customer, station, event);
        GW_CALL(join_queue(simulation, customer, station), event);
        break;
    case SERVICE_ENDS: GW_CALL(service_ends(simulation, customer, station), event); break;
    case PATIENCE_ENDS: GW_CALL(patience_ends(simulation, customer, station), event); break;
    }
    memory_release(event);
}

static void open_stations(void)
{
    stations = gw_new_array(stations, STATION_COUNT);
    for (uint64_t i = 0; i < STATION_COUNT; i++) {
        struct station GW *station = gw_new(station);
        station->number = i;
        GW_STORE(stations, at[i], station);
    }
}

static void close_stations(void)
{
    for (uint64_t i = 0; i < STATION_COUNT; i++) {
        struct station GW *station = stations->at[i];
        if (i % 6 == 0)
            printf("station %2" PRIu64 ": served %" PRIu64 ", lost %" PRIu64 ", longest queue %" PRIu64 ", mean wait %" PRIu64 "\n", i,
                   station->served_count, station->abandoned_count, station->longest_queue,
                   station->served_count ? station->total_wait / station->served_count : 0);
        memory_release(station);
    }
    memory_release(stations);
}

int main(int argc, char **argv)
{
    long customers = demo_size(argc, argv, 500000, 1000000000);
    uint64_t started = memory_start();
    struct simulation simulation = {.arrivals_left = (uint64_t)customers, .random = 88172645463325252u};
    calendar = calendar_make();
    open_stations();
    simulation.booked = customers < MOST_BOOKED ? (uint64_t)customers : MOST_BOOKED;
    for (uint64_t i = 0; i < simulation.booked; i++) plan_arrival(&simulation);
    for (struct event GW *event; (event = calendar_next(calendar));) happen(&simulation, event);
    printf("%" PRIu64 " customers came and went, %" PRIu64 " of them impatient, in %" PRIu64 " events until time %" PRIu64
           "\ncalendar held up to %" PRIu64 " events\n",
           simulation.departed, simulation.abandoned, simulation.events, simulation.now, calendar->most);
    close_stations();
    printf("checksum %016" PRIx64 "\n", simulation.checksum);
    calendar_release(calendar);
    return memory_finish(started);
}
#endif
