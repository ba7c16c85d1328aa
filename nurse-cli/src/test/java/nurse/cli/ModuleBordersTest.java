package nurse.cli;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.net.InetAddress;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import nurse.ffm.Errno;
import nurse.helper.policy.NetworkRules;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Arrows point one way: cli to helper, helper to ffm. Here, because only this module sees all of them. */
class ModuleBordersTest {
    private static JavaClasses nurse;

    @BeforeAll
    static void importClasses() {
        nurse = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("nurse");
    }

    /** A rule about classes that were not found holds, and says nothing. */
    @Test
    void everyModuleIsSeen() {
        assertThat(List.of("nurse.ffm.lane.Lane", "nurse.helper.calls.Call", "nurse.cli.Main", "nurse.cli.boot.Boot"))
                .allMatch(nurse::contain);
    }

    @Test
    void ffmKnowsNothingOfTheHelperAndTheCli() {
        noClasses()
                .that()
                .resideInAPackage("nurse.ffm..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("nurse.helper..", "nurse.cli..")
                .check(nurse);
    }

    @Test
    void theHelperKnowsNothingOfTheCli() {
        noClasses()
                .that()
                .resideInAPackage("nurse.helper..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("nurse.cli..")
                .check(nurse);
    }

    /** It is compiled for Java 11, and it must load nothing that is not. */
    @Test
    void theBootLauncherKnowsNothingOfNurse() {
        noClasses()
                .that()
                .resideInAPackage("nurse.cli.boot..")
                .should()
                .dependOnClassesThat(
                        resideInAPackage("nurse..").and(DescribedPredicate.not(resideInAPackage("nurse.cli.boot.."))))
                .check(nurse);
    }

    @Test
    void thePolicyEngineIsPure() {
        DescribedPredicate<JavaClass> world = resideInAnyPackage(
                        "java.io..", "java.nio.file..", "java.nio.channels..", "java.net..", "java.time..")
                .or(resideInAnyPackage("java.util.concurrent..", "java.lang.foreign..", "nurse.ffm.."))
                .and(DescribedPredicate.not(
                        JavaClass.Predicates.belongToAnyOf(Errno.class, Instant.class, OffsetDateTime.class)))
                .or(JavaClass.Predicates.belongToAnyOf(
                        Thread.class, ThreadLocal.class, Process.class, ProcessBuilder.class, Runtime.class))
                .as("files, clocks, threads, processes or foreign memory");
        // A written time is a value; what asks a clock for one is the last rule's affair.
        // InetAddress.ofLiteral parses numbers; the methods that ask a name server are another rule's affair, below.
        noClasses()
                .that()
                .resideInAPackage("nurse.helper.policy..")
                .and(DescribedPredicate.not(
                        JavaClass.Predicates.belongTo(JavaClass.Predicates.equivalentTo(NetworkRules.class))))
                .and(DescribedPredicate.not(JavaClass.Predicates.belongTo(
                        name("nurse.helper.policy.PolicyFile").forSubtype())))
                .should()
                .dependOnClassesThat(world)
                .check(nurse);
        noClasses()
                .that()
                .resideInAPackage("nurse.helper.policy..")
                .should()
                .callMethod(InetAddress.class, "getByName", String.class)
                .orShould()
                .callMethod(InetAddress.class, "getAllByName", String.class)
                .check(nurse);
        noClasses()
                .that()
                .resideInAPackage("nurse.helper.policy..")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(OffsetDateTime.class, "now")
                .orShould()
                .callMethod(System.class, "getenv", String.class)
                .check(nurse);
    }

    @Test
    void onlyFfmMakesSegmentsOfAddressesAndAddressesOfSegments() {
        noClasses()
                .that()
                .resideOutsideOfPackage("nurse.ffm..")
                .should()
                .callMethodWhere(target(owner(JavaClass.Predicates.assignableTo(MemorySegment.class)))
                        .and(target(name("reinterpret"))
                                .or(target(name("ofAddress")))
                                .or(target(name("address"))))
                        .as("one turns addresses into memory or memory into addresses"))
                .check(nurse);
    }

    @Test
    void onlyFfmCallsC() {
        noClasses()
                .that()
                .resideOutsideOfPackage("nurse.ffm..")
                .should()
                .dependOnClassesThat()
                .areAssignableTo(Linker.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(SymbolLookup.class)
                .check(nurse);
    }
}
