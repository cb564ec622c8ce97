class Queens {
    static final class Cell {
        final Cell next;
        final int row;

        Cell(int row, Cell next) {
            this.row = row;
            this.next = next;
        }
    }

    static Cell append(Cell list, Cell rest) {
        return list == null ? rest : new Cell(list.row, append(list.next, rest));
    }

    static boolean isSafe(int row, Cell taken) {
        for (int distance = 1; taken != null; taken = taken.next, distance++)
            if (taken.row == row || taken.row == row + distance || taken.row == row - distance) return false;
        return true;
    }

    static int countSolutions(Cell untried, Cell tried, Cell taken) {
        if (untried == null) return tried == null ? 1 : 0;
        int count = 0;
        if (isSafe(untried.row, taken))
            count = countSolutions(append(untried.next, tried), null, new Cell(untried.row, taken));
        return count + countSolutions(untried.next, new Cell(untried.row, tried), taken);
    }

    public static void main(String[] arguments) {
        int size = Integer.parseInt(arguments[0]);
        Cell rows = null;
        for (int row = size; row > 0; row--) rows = new Cell(row, rows);
        System.out.printf("%d queens: %d solutions\n", size, countSolutions(rows, null, null));
    }
}
