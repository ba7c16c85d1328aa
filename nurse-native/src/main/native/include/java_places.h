/*
 * Where nurse looks for a JDK: written here only. bin/find-jdk reads these lines, JavaSearch.java has this file as a resource,
 * client_java.c includes it.
 *
 * The rule. A place holds a JDK if it has bin/java (to build: bin/javac) and a file named release, whose OS_ARCH, if there is
 * one, is x86_64 or amd64. A link counts as what it leads to. JAVA_CHOSEN is taken if it is new enough. Else the JDK with the
 * highest feature number is taken: the 25 of JAVA_VERSION="25.0.1". Of equal ones it is the first in the order of these lines,
 * and in one directory the first by name, byte by byte.
 */
JAVA_NEEDED(22) /* the first with java.lang.foreign for everyone (JEP 454) */
JAVA_CHOSEN("NURSE_JAVA_HOME")
JAVA_VARIABLE("JAVA_HOME")
JAVA_BELOW("/usr/lib/jvm")
JAVA_BELOW("/usr/java")
JAVA_BELOW("/opt/java")
JAVA_BELOW("/opt")
JAVA_BELOW_HOME(".jdks")
JAVA_BELOW_HOME(".m2/jdks")
JAVA_BELOW_HOME(".sdkman/candidates/java")
JAVA_BELOW_HOME(".asdf/installs/java")
