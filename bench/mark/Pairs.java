// Full collections of a tree of two-field objects in Java; see pairs.c.
import java.util.Arrays;

final class Pairs {
    Pairs left, right;

    static void shuffle(Pairs[] array) {
        long random = 88172645463325252L;
        for (int i = array.length; i > 1; i--) {
            random ^= random << 13;
            random ^= random >>> 7;
            random ^= random << 17;
            int j = (int) Long.remainderUnsigned(random, i);
            Pairs pair = array[i - 1];
            array[i - 1] = array[j];
            array[j] = pair;
        }
    }

    static Pairs link(Pairs[] array, int from, int count) {
        if (count == 0) return null;
        int left = (count - 1) / 2;
        Pairs root = array[from];
        root.left = link(array, from + 1, left);
        root.right = link(array, from + 1 + left, count - 1 - left);
        return root;
    }

    static int size(Pairs root) {
        return root == null ? 0 : 1 + size(root.left) + size(root.right);
    }

    static Pairs makeTree(int count, boolean shuffled) {
        Pairs[] array = new Pairs[count];
        for (int i = 0; i < count; i++) array[i] = new Pairs();
        if (shuffled) shuffle(array);
        return link(array, 0, count);
    }

    public static void main(String[] args) {
        int count = args.length > 0 ? Integer.parseInt(args[0]) : 33554432;
        int collections = args.length > 2 ? Integer.parseInt(args[2]) : 5;
        Pairs root = makeTree(count, args.length > 1 && args[1].equals("shuffled"));
        System.gc();
        long[] times = new long[collections];
        for (int i = 0; i < collections; i++) {
            long start = System.nanoTime();
            System.gc();
            times[i] = System.nanoTime() - start;
        }
        Arrays.sort(times);
        if (size(root) != count) throw new IllegalStateException("the tree has lost some of its objects");
        System.out.printf("version java %s%ncollection %d%nleast %d%n",
                System.getProperty("java.version"), times[collections / 2], times[0]);
    }
}
