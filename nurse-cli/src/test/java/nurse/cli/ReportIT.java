package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The page of a run, as a browser shows it. */
class ReportIT {
    private static final String PROGRAM = """
            import os
            for name in ['/etc/shadow', '/root/<img src=x onerror="document.title=1">', '/root/\\u202e\\x1b</code><h1>big']:
                try: open(name)
                except OSError: pass
            os.mkdir('out')
            for i in range(5): open('out/%d' % i, 'w').close()
            """;
    private static final Path DIRECTORY = Jar.directory();
    private static String page;
    private static String shown;

    @BeforeAll
    static void makePageAndShowIt() throws Exception {
        Jar.run(User.ROOT, DIRECTORY, "--quiet", "--write", "out", "--report", "page.html", "python3", "-c", PROGRAM)
                .succeeded();
        page = Files.readString(DIRECTORY.resolve("page.html"));
        shown = show("page.html");
    }

    /** What a browser makes of a page. */
    private static String show(String name) {
        Result result = Jar.execute(
                DIRECTORY,
                new byte[0],
                List.of(
                        "chromium",
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-quic",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--user-data-dir=" + DIRECTORY.resolve("browser"),
                        "--dump-dom",
                        DIRECTORY.resolve(name).toUri().toString()));
        return result.succeeded().out();
    }

    @Test
    void thePageTellsOfFilesCallsTimesAndRefusals() {
        assertThat(section("refusals")).contains("/etc/shadow", "EPERM", "what no rule allows is refused");
        assertThat(section("files")).contains("<details", "out", "right granted", "create", "right refused");
        assertThat(section("timeline")).contains("<svg", "<rect class=\"file\"", "<rect class=\"refused\"");
        assertThat(section("classes")).contains("file", "descriptor", "memory");
        assertThat(section("calls")).contains("openat");
    }

    @Test
    void whatAHostileProgramNamesIsTextOfThePageAndNothingElse() {
        assertThat(shown).contains("&lt;img src=x onerror=").doesNotContain("<img");
        assertThat(shown).contains("&lt;/code&gt;&lt;h1&gt;big").doesNotContain("<h1>big");
        assertThat(shown).contains("<title>python3 – nurse</title>");
        assertThat(page).doesNotContain("\u202e").doesNotContain("\u001b");
    }

    /** The twins: without the escaping the browser takes the names for what they look like, and without the rule it runs them. */
    @Test
    void withoutTheEscapingTheNamesWouldBeMarkupAndWithoutTheContentSecurityPolicyTheyWouldRun() throws Exception {
        String open = page.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
        Files.writeString(DIRECTORY.resolve("open.html"), open);
        assertThat(show("open.html"))
                .contains("<img src=\"x\" onerror=", "<h1>big", "<title>python3 – nurse</title>")
                .doesNotContain("&lt;img");
        Files.writeString(DIRECTORY.resolve("lawless.html"), open.replace("Content-Security-Policy", "Nothing"));
        assertThat(show("lawless.html")).contains("<title>1</title>");
    }

    @Test
    void thePageNeedsNothingFromElsewhereAndRunsNoScript() {
        assertThat(page)
                .doesNotContain("<script")
                .doesNotContain("http:")
                .doesNotContain("https:")
                .doesNotContain("url(");
        assertThat(page)
                .contains("Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"");
    }

    private static String section(String id) {
        var matcher = Pattern.compile("<section id=\"" + id + "\">.*?</section>", Pattern.DOTALL)
                .matcher(shown);
        assertThat(matcher.find()).as("the page has a section %s", id).isTrue();
        return matcher.group();
    }
}
