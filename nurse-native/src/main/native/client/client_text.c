/*
 * Strings and messages of the client.
 */
#include "client.h"

u32 text_length(const char *s) {
    u32 length = 0;
    while (s[length])
        length++;
    return length;
}

int text_begins(const char *s, const char *with) {
    while (*with)
        if (*s++ != *with++)
            return 0;
    return 1;
}

int text_equal(const char *a, const char *b) { return text_begins(a, b) && text_length(a) == text_length(b); }

void text_add(struct text *text, const char *s) {
    while (*s && text->length < PATH_SIZE - 1)
        text->bytes[text->length++] = *s++;
    text->bytes[text->length] = 0;
    text->too_long |= *s != 0;
}

void text_set(struct text *text, const char *s) {
    text->length = 0;
    text->too_long = 0;
    text_add(text, s);
}

void text_add_number(struct text *text, u64 number, u32 base) {
    char digits[32];
    u32 at = sizeof digits;

    digits[--at] = 0;
    do
        digits[--at] = "0123456789abcdef"[number % base];
    while (number /= base);
    text_add(text, digits + at);
}

/* The value of an environment variable, or NULL; an empty one counts as none. */
const char *variable(char *const *environment, const char *name) {
    u32 length = text_length(name);

    for (; *environment; environment++)
        if (text_begins(*environment, name) && (*environment)[length] == '=' && (*environment)[length + 1])
            return *environment + length + 1;
    return NULL;
}

void fail(const char *what, const char *why, const char *next) {
    static struct text text;

    text_set(&text, "nurse: ");
    text_add(&text, what);
    text_add(&text, "\n  why: ");
    text_add(&text, why);
    text_add(&text, "\n  do:  ");
    text_add(&text, next);
    text_add(&text, "\n");
    system_write(2, text.bytes, text.length);
    system_exit(FAILED);
}

void fail_errno(const char *what, long error, const char *next) {
    static struct text why;

    text_set(&why, "errno ");
    text_add_number(&why, (u64)(error < 0 ? -error : error), 10);
    fail(what, why.bytes, next);
}
