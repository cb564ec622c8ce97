class HashChurn {
    static final class Value {
        final long number;

        Value(long number) {
            this.number = number;
        }
    }

    static final class Entry {
        Entry next;
        Value value;
        final int key;

        Entry(Entry next, Value value, int key) {
            this.next = next;
            this.value = value;
            this.key = key;
        }
    }

    static Entry[] buckets = new Entry[16];
    static int count;
    static long seed = 42;

    static int randomBelow(int bound) {
        seed = seed * 16807 % 2147483647;
        return (int) (seed % bound);
    }

    static int placeOf(int key, int length) {
        return (int) (key * 7919L % 1000003 % length);
    }

    static void grow() {
        Entry[] grown = new Entry[2 * buckets.length];
        for (Entry chain : buckets)
            for (Entry entry = chain, next; entry != null; entry = next) {
                next = entry.next;
                int place = placeOf(entry.key, grown.length);
                entry.next = grown[place];
                grown[place] = entry;
            }
        buckets = grown;
    }

    static Entry find(int key) {
        Entry entry = buckets[placeOf(key, buckets.length)];
        while (entry != null && entry.key != key) entry = entry.next;
        return entry;
    }

    static void insert(int key, Value value) {
        if (count == buckets.length) grow();
        int place = placeOf(key, buckets.length);
        buckets[place] = new Entry(buckets[place], value, key);
        count++;
    }

    static void remove(int key) {
        int place = placeOf(key, buckets.length);
        Entry entry = buckets[place], before = null;
        for (; entry != null && entry.key != key; entry = entry.next) before = entry;
        if (entry == null) return;
        if (before != null) before.next = entry.next;
        else buckets[place] = entry.next;
        count--;
    }

    static void countUp(int key) {
        Entry entry = find(key);
        if (entry != null) entry.value = new Value(entry.value.number + 1);
        else insert(key, new Value(1));
    }

    public static void main(String[] arguments) {
        int size = Integer.parseInt(arguments[0]);
        for (int i = 0; i < size; i++) {
            countUp(randomBelow(200000));
            if (i % 2 == 1) remove(randomBelow(200000));
        }
        long sum = 0;
        for (Entry chain : buckets)
            for (Entry entry = chain; entry != null; entry = entry.next)
                sum = (sum + entry.key * entry.value.number) % 1000000007;
        System.out.printf("%d changes, %d entries, sum %d\n", size, count, sum);
    }
}
