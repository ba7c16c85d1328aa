"""Runs one of CPython's own test modules and notes the outcome of each test.

usage: cpython.py MODULE RESULTS [TEST_TO_LEAVE_OUT...]

RESULTS gets a line when a test starts, and one when it ends: name, outcome, and for a failure where it came from. So
who reads it knows of the test that hung or killed the interpreter, too.
"""

import sys
import traceback
import unittest

from test import support

module, path, *left_out = sys.argv[1:]
results = open(path, "a", buffering=1, encoding="utf-8", errors="backslashreplace")


def note(test, outcome, reason=""):
    results.write("\t".join((test.id(), outcome, " ".join(reason.split())[:300])) + "\n")


def reason_of(error):
    """The innermost line of the program that failed, and the error."""
    kind, value, frames = error
    calls = [f"{frame.name}: {frame.line}" for frame in traceback.extract_tb(frames)]
    return f"{' | '.join(calls[-3:])} => {kind.__name__}: {value}"


class Outcomes(unittest.TestResult):
    def startTest(self, test):
        super().startTest(test)
        self.failure = None
        note(test, "started")

    def addFailure(self, test, error):
        self.failed(test, error)

    def addError(self, test, error):
        self.failed(test, error)

    def addSubTest(self, test, subtest, error):
        if error is not None:
            self.failed(test, error)

    def failed(self, test, error):
        if isinstance(test, unittest.TestCase):
            self.failure = self.failure or reason_of(error)
        else:  # the set-up of a class or of a module
            note(test, "failed", reason_of(error))

    def addSkip(self, test, reason):
        self.failure = self.failure or ""
        note(test, "skipped", reason)

    def addExpectedFailure(self, test, error):
        pass

    def addUnexpectedSuccess(self, test):
        self.failure = "it was expected to fail"

    def stopTest(self, test):
        super().stopTest(test)
        if self.failure is None:
            note(test, "passed")
        elif self.failure:
            note(test, "failed", self.failure)


def tests_of(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from tests_of(test)
        elif test.id() not in left_out:
            yield test


if __name__ == "__main__":
    # As regrtest without -u: nothing that reaches for the world, fills a disk or takes minutes.
    support.use_resources = []
    found = unittest.defaultTestLoader.loadTestsFromName(module)
    # One suite of all: the set-up of classes and modules happens once.
    outcomes = Outcomes()
    unittest.TestSuite(tests_of(found)).run(outcomes)
    results.write("end\tpassed\t\n")
    results.flush()
