import sys


class Value:
    __slots__ = ("number",)

    def __init__(self, number):
        self.number = number


class Entry:
    __slots__ = ("next", "value", "key")

    def __init__(self, next, value, key):
        self.next = next
        self.value = value
        self.key = key


class Table:
    def __init__(self):
        self.buckets = [None] * 16
        self.count = 0


seed = 42


def random_below(bound):
    global seed
    seed = seed * 16807 % 2147483647
    return seed % bound


def place_of(key, length):
    return key * 7919 % 1000003 % length


def grow(table):
    buckets = [None] * (2 * len(table.buckets))
    for entry in table.buckets:
        while entry is not None:
            following = entry.next
            place = place_of(entry.key, len(buckets))
            entry.next = buckets[place]
            buckets[place] = entry
            entry = following
    table.buckets = buckets


def find(table, key):
    entry = table.buckets[place_of(key, len(table.buckets))]
    while entry is not None and entry.key != key:
        entry = entry.next
    return entry


def insert(table, key, value):
    if table.count == len(table.buckets):
        grow(table)
    place = place_of(key, len(table.buckets))
    table.buckets[place] = Entry(table.buckets[place], value, key)
    table.count += 1


def remove(table, key):
    place = place_of(key, len(table.buckets))
    entry, before = table.buckets[place], None
    while entry is not None and entry.key != key:
        before = entry
        entry = entry.next
    if entry is None:
        return
    if before is not None:
        before.next = entry.next
    else:
        table.buckets[place] = entry.next
    table.count -= 1


def count_up(table, key):
    entry = find(table, key)
    if entry is not None:
        entry.value = Value(entry.value.number + 1)
    else:
        insert(table, key, Value(1))


def main():
    size = int(sys.argv[1])
    table = Table()
    for i in range(size):
        count_up(table, random_below(200000))
        if i % 2:
            remove(table, random_below(200000))
    total = 0
    for entry in table.buckets:
        while entry is not None:
            total = (total + entry.key * entry.value.number) % 1000000007
            entry = entry.next
    print("%d changes, %d entries, sum %d" % (size, table.count, total))


main()
