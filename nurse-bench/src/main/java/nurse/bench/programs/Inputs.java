package nurse.bench.programs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** What the programs work on: the same on every machine. */
final class Inputs {
    private static final int SEED = 42;
    private static final int PAGES = 20;

    private final Place place;
    private final SplittableRandom random = new SplittableRandom(SEED);

    private Inputs(Place place) {
        this.place = place;
    }

    /** Makes what is not there. */
    static void make(Place place) throws IOException, InterruptedException {
        Path complete = place.work().resolve("complete");
        if (!Files.exists(complete)) {
            Files.createDirectories(place.work());
            new Inputs(place).makeAll();
            Files.writeString(complete, "");
        }
    }

    private void makeAll() throws IOException, InterruptedException {
        Path work = place.work();
        Files.writeString(work.resolve("in.txt"), text(3_000_000));
        Files.writeString(work.resolve("in.json"), json());
        Files.writeString(work.resolve("in.ps"), postScript());
        Path tree = Files.createDirectories(work.resolve("tree"));
        for (int i = 0; i < 200; i++) {
            Files.writeString(tree.resolve("file" + i), text(2_000));
        }
        inTree("convert", "-seed", "42", "-size", "1200x900", "plasma:red-blue", "in.png");
        inTree("convert", "in.png", "in.jpg");
        inTree("gs", "-q", "-dNOPAUSE", "-dBATCH", "-sDEVICE=pdfwrite", "-sOutputFile=in.pdf", "in.ps");
    }

    private String word() {
        StringBuilder word = new StringBuilder();
        for (int i = random.nextInt(2, 10); i > 0; i--) {
            word.append((char) ('a' + random.nextInt(26)));
        }
        return word.toString();
    }

    private String text(int length) {
        StringBuilder text = new StringBuilder(length + 100);
        while (text.length() < length) {
            for (int i = 0; i < 10; i++) {
                text.append(word()).append(i == 9 ? '\n' : ' ');
            }
        }
        return text.toString();
    }

    private String json() {
        StringBuilder json = new StringBuilder("[");
        for (int i = 0; i < 30_000; i++) {
            json.append(i == 0 ? "" : ",\n").append("{\"id\": ").append(i);
            json.append(", \"name\": \"").append(word()).append(' ').append(word());
            json.append("\", \"values\": [")
                    .append(random.nextInt())
                    .append(", ")
                    .append(random.nextDouble());
            json.append("], \"tags\": [\"").append(word()).append("\", null, true]}");
        }
        return json.append("]\n").toString();
    }

    private String postScript() {
        StringBuilder text = new StringBuilder("%!PS\n/Helvetica findfont 11 scalefont setfont\n");
        for (int page = 0; page < PAGES; page++) {
            for (int line = 0; line < 55; line++) {
                text.append("50 ").append(760 - 13 * line).append(" moveto (");
                for (int i = 0; i < 10; i++) {
                    text.append(word()).append(' ');
                }
                text.append(") show\n");
            }
            text.append("showpage\n");
        }
        return text.toString();
    }

    private void inTree(String... command) throws IOException, InterruptedException {
        String there = "cd " + place.workInside() + " && exec \"$@\"";
        List<String> all = new ArrayList<>(List.of("chroot", place.tree().toString(), "/bin/sh", "-c", there, "sh"));
        all.addAll(List.of(command));
        int status = new ProcessBuilder(all).inheritIO().start().waitFor();
        if (status != 0) {
            throw new IOException("an input could not be made, status=" + status + ": " + String.join(" ", command));
        }
    }
}
