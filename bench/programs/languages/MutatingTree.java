class MutatingTree {
    static final class Node {
        Node left, right;
        final long number;

        Node(Node left, Node right, long number) {
            this.left = left;
            this.right = right;
            this.number = number;
        }

        Node walk(int path, int depth) {
            Node node = this;
            for (; depth > 0; depth--, path /= 2) node = path % 2 == 1 ? node.right : node.left;
            return node;
        }
    }

    static long seed = 42;

    static int randomBelow(int bound) {
        seed = seed * 16807 % 2147483647;
        return (int) (seed % bound);
    }

    static Node make(int depth, long number) {
        Node left = depth > 0 ? make(depth - 1, number + 1) : null;
        Node right = depth > 0 ? make(depth - 1, number + 2) : null;
        return new Node(left, right, number);
    }

    static long sum(Node node) {
        return node == null ? 0 : (node.number + 2 * sum(node.left) + 3 * sum(node.right)) % 1000003;
    }

    static void trade(Node tree, int depth) {
        int place = randomBelow(depth - 2);
        Node node = tree.walk(randomBelow(1 << 20), place), left = node.left;
        node.left = node.right;
        node.right = left;
    }

    static void replace(Node tree, int depth) {
        Node node = tree.walk(randomBelow(1 << 20), depth - 4);
        int number = randomBelow(1000);
        node.left = make(3, number);
    }

    public static void main(String[] arguments) {
        int size = Integer.parseInt(arguments[0]), depth = size < 1000 ? 8 : 18;
        Node tree = make(depth, 1);
        for (int i = 0; i < size; i++) {
            trade(tree, depth);
            trade(tree, depth);
            replace(tree, depth);
        }
        System.out.printf("%d changes, sum %d\n", size, sum(tree));
    }
}
