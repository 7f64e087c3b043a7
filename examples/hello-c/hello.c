/*
 * A complete plugin in C: `tw hello-c` says hello and what time it is.
 *
 * It shows everything that a plugin does: it describes itself, reads an argument, calls the host, returns a result with
 * a text for people, and fails with a message and a hint.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tw_plugin.h"

TW_PLUGIN_NOTE("tw-plugin-hello-c", "0.1.0")

static const char MANIFEST[] =
    "{\"name\":\"hello-c\",\"version\":\"0.1.0\",\"abi\":1,\"protocol\":1,\"target\":\"" TW_PLUGIN_TARGET "\","
    "\"description\":\"Says hello and the time\",\"vendor\":\"The tw authors\",\"license\":\"Apache-2.0\","
    "\"commands\":[{\"name\":\"hello-c\",\"about\":\"Say hello and the time\",\"args\":[{"
    "\"name\":\"offset\",\"kind\":\"option\",\"long\":\"offset\",\"value\":\"integer\",\"value_name\":\"HOURS\","
    "\"help\":\"Distance of the time zone from UTC\",\"default\":[\"0\"]}]}]}";

/* JSON: just enough to read a member of an object. A larger plugin uses a library. */

/* A position in a text and the text's end. */
typedef struct {
    const char *at, *end;
} json;

static json json_of(tw_bytes bytes) {
    json text;
    text.at = (const char *)bytes.ptr;
    text.end = bytes.len ? text.at + bytes.len : text.at;
    return text;
}

static json skip_spaces(json text) {
    while (text.at < text.end && strchr(" \t\r\n", *text.at)) text.at++;
    return text;
}

/* Skips a string, a number, a word, a list or an object. */
static json skip_value(json text) {
    int depth = 0;
    text = skip_spaces(text);
    do {
        if (text.at >= text.end) break;
        switch (*text.at++) {
        case '{':
        case '[':
            depth++;
            break;
        case '}':
        case ']':
            depth--;
            break;
        case ',':
        case ':':
            break;
        case '"':
            while (text.at < text.end && *text.at != '"') {
                if (*text.at == '\\' && text.end - text.at > 1) text.at++;
                text.at++;
            }
            if (text.at < text.end) text.at++;
            break;
        default: /* a number or a word */
            while (text.at < text.end && !strchr(",:{}[]\" \t\r\n", *text.at)) text.at++;
        }
        if (depth > 0) text = skip_spaces(text);
    } while (depth > 0);
    return text;
}

/* Returns the value of a member of an object. Returns an empty text if there is no such member. */
static json member(json text, const char *name) {
    size_t length = strlen(name);
    json none = {text.end, text.end};
    text = skip_spaces(text);
    if (text.at == text.end || *text.at != '{') return none;
    do {
        json key, value;
        text.at++;
        key = skip_spaces(text);
        text = skip_spaces(skip_value(key));
        if (text.at == text.end || *text.at != ':') return none;
        text.at++;
        value = skip_spaces(text);
        text = skip_spaces(skip_value(value));
        if ((size_t)(key.end - key.at) > length + 1 && !memcmp(key.at + 1, name, length) && key.at[length + 1] == '"')
            return value;
    } while (text.at < text.end && *text.at == ',');
    return none;
}

/* Returns the integer at this position, or 0. */
static long long integer(json text) {
    char digits[24];
    size_t length = (size_t)(text.end - text.at);
    if (length >= sizeof digits) length = sizeof digits - 1;
    if (length) memcpy(digits, text.at, length);
    digits[length] = '\0';
    return strtoll(digits, NULL, 10);
}

/* Answers. */

static tw_bytes bytes_of(const char *text) {
    tw_bytes bytes;
    bytes.ptr = (const uint8_t *)text;
    bytes.len = strlen(text);
    return bytes;
}

/* Fills an answer that lives until the host releases it. Both texts are formatted with the same two numbers. */
static void answer(tw_answer *out, int failed, const char *payload, const char *body, long long first, long long second) {
    char *texts = malloc(1024);
    if (!texts) return; /* an unfilled answer is a failure */
    snprintf(texts, 512, payload, first, second);
    snprintf(texts + 512, 512, body, first, second);
    out->failed = failed;
    out->payload = bytes_of(texts);
    out->body = bytes_of(texts + 512);
    out->owner = texts;
    out->release = free;
}

/* Asks the host for the time, in milliseconds since 1970. Passes the host's failure on as the answer, and returns -1. */
static long long now(const tw_host *host, tw_answer *out) {
    tw_answer reply = {1, {NULL, 0}, {NULL, 0}, NULL, NULL};
    long long unix_ms;
    host->call(host->run, bytes_of("clock.now"), bytes_of("{}"), bytes_of(""), &reply);
    if (reply.failed) {
        *out = reply; /* the host releases it */
        return -1;
    }
    unix_ms = integer(member(json_of(reply.payload), "unix_ms"));
    if (reply.release) reply.release(reply.owner);
    return unix_ms;
}

static void run(const tw_host *host, tw_bytes request, tw_answer *out) {
    long long offset = integer(member(member(json_of(request), "arguments"), "offset"));
    long long unix_ms, minutes;
    if (offset < -12 || offset > 14) {
        answer(out, 1,
               "{\"kind\":\"usage\",\"message\":\"There is no time zone %lld hours from UTC\","
               "\"hint\":\"use a number from -12 to 14\"}",
               "", offset, 0);
        return;
    }
    unix_ms = now(host, out);
    if (unix_ms < 0) return;
    minutes = (unix_ms / 60000 + offset * 60) % (24 * 60);
    answer(out, 0, "{\"view\":{\"view\":\"message\",\"text\":\"Hello, it is %02lld:%02lld\"}}",
           "{\"greeting\":\"Hello\",\"hour\":%lld,\"minute\":%lld}", minutes / 60, minutes % 60);
}

static int is(tw_bytes text, const char *expected) {
    return text.len == strlen(expected) && !memcmp(text.ptr, expected, text.len);
}

void tw_plugin_call_1(const tw_host *host, tw_bytes method, tw_bytes payload, tw_bytes body, tw_answer *out) {
    (void)body;
    if (is(method, "describe")) {
        out->failed = 0;
        out->payload = bytes_of(MANIFEST); /* a constant: there is nothing to release */
    } else if (is(method, "run")) {
        run(host, payload, out);
    } else {
        out->payload = bytes_of("{\"kind\":\"unsupported\",\"message\":\"this plugin doesn't know the method\"}");
    }
}
