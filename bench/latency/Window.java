// The sliding window in Java; see window.c.
import java.util.Arrays;

final class Window {
    static final int MESSAGE_BYTES = 1024;

    static void push(byte[][] window, int at, byte fill) {
        byte[] message = new byte[MESSAGE_BYTES];
        for (int i = 0; i < MESSAGE_BYTES; i++) message[i] = fill;
        window[at] = message;
    }

    public static void main(String[] args) {
        int size = args.length > 0 ? Integer.parseInt(args[0]) : 200000;
        int pushes = args.length > 1 ? Integer.parseInt(args[1]) : 1000000;
        byte[][] window = new byte[size][];
        long[] times = new long[pushes];
        Arrays.fill(times, 1);
        long began = System.nanoTime();
        for (int i = 0; i < pushes; i++) {
            long start = System.nanoTime();
            push(window, i % size, (byte) i);
            times[i] = System.nanoTime() - start;
        }
        long total = System.nanoTime() - began;
        Arrays.sort(times);
        System.out.printf("version java %s%nworst %d%np999 %d%nmedian %d%ntotal %d%n",
                System.getProperty("java.version"), times[pushes - 1],
                times[pushes - 1 - pushes / 1000], times[pushes / 2], total);
    }
}
