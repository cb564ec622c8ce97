class Strings {
    static final String[] SYLLABLES = {"ba", "con", "de", "er", "for", "gra", "in", "ly", "men", "ness", "pre", "tion"};
    static long seed = 42;

    static int randomBelow(int bound) {
        seed = seed * 16807 % 2147483647;
        return (int) (seed % bound);
    }

    static long checksum(long sum, long value) {
        return (sum * 31 + value) % 1000000007;
    }

    static String word(int number) {
        String text = SYLLABLES[number % 12];
        for (number /= 12; number > 0; number /= 12) text = text + SYLLABLES[number % 12];
        return text;
    }

    static String randomLine() {
        String line = "";
        for (int i = 0; i < 12; i++) {
            String next = word(randomBelow(20000)), longer = line + " ";
            line = longer + next;
        }
        return line;
    }

    static long sum(String line) {
        long sum = 0;
        for (int i = 0; i < line.length(); i++) sum = checksum(sum, line.charAt(i));
        return sum;
    }

    public static void main(String[] arguments) {
        int size = Integer.parseInt(arguments[0]);
        String[] lines = new String[4000];
        long letters = 0, sum = 0;
        for (int i = 0; i < size; i++) {
            String line = randomLine();
            letters += line.length();
            lines[i % 4000] = line;
        }
        for (String line : lines) if (line != null) sum = checksum(sum, sum(line));
        System.out.printf("%d lines, %d letters, checksum %d\n", size, letters, sum);
    }
}
