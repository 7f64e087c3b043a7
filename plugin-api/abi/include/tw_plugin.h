/*
 * tw_plugin.h: the ABI between tw and its plugins in plain C, version 1.
 *
 * A plugin is a shared library that exports one function, tw_plugin_call_1, and contains a note (TW_PLUGIN_NOTE below).
 * The file's name is libtw_plugin_NAME.so on Linux, libtw_plugin_NAME.dylib on macOS and tw_plugin_NAME.dll on Windows,
 * with underscores in place of the hyphens of the plugin's name.
 *
 * The host calls the plugin, and the plugin calls the host, with the same four things: the name of a method, a payload
 * (JSON), a body (raw bytes that are not part of the JSON), and a place for the answer. The host calls two methods:
 *
 *   describe   The payload of the answer is the plugin's manifest: its name, its version, and its commands.
 *   run        The payload says which command to run, with its arguments. The payload of the answer is the outcome, and
 *              the body is the result as JSON; the body is empty if there is no result.
 *
 * In the repository of tw, plugin-api/protocol/messages.schema.json describes all methods and their messages, the folder
 * golden beside it has an example of each message, and examples/hello-c is a complete plugin in C.
 *
 * THE RULES. They hold in both directions, except where a rule names a side.
 *
 * - Threads. The host makes one call into a plugin at a time, always from the same thread, unless the plugin's manifest
 *   says that it takes more. A plugin may call the host from any thread, and from several threads at the same time.
 * - Reentrance. During a call from the host, a plugin may call the host. During that call, the host does not call the
 *   plugin, unless the plugin's manifest says that it takes more.
 * - Lifetime. The bytes that a function receives live until it returns, and so does the tw_host that it receives. A
 *   plugin may copy the tw_host and keep the copy: the function in it stays callable as long as the process lives. A
 *   call with the number of a run that is over fails. A host passes the same function in every tw_host. A library is
 *   never unloaded.
 * - Ownership. The bytes of an answer belong to the side that filled it. The receiver reads or copies them, and then
 *   calls release exactly once, with owner, also if the call failed. The receiver calls nothing if release is null. It
 *   may call release from any thread.
 * - Bytes. If len is 0, there are no bytes, and ptr may be null or anything else. If len is not 0, ptr points to len
 *   bytes. The bytes do not end with a NUL, and ptr has no alignment. A method is UTF-8.
 * - Answers. The caller passes an answer whose fields are zero, except for failed, which is 1. The function sets the
 *   fields that differ. So a function that returns without an answer has failed.
 * - Failures. The payload of a failed answer is a JSON object. Its member "message" says what happened, and "hint" says
 *   what to do next. All other members are optional.
 * - Unwinding. No C++ exception, no panic and no longjmp leaves a function of this header.
 * - Unknown methods. Both sides answer a method that they do not know with a failure whose "kind" is "unsupported".
 *
 * This file is frozen: version 1 never changes. A later version would be another function beside tw_plugin_call_1.
 */
#ifndef TW_PLUGIN_H
#define TW_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

/* The version of this ABI, which the note and the manifest repeat. */
#define TW_PLUGIN_ABI 1

#if defined(_WIN32)
#define TW_PLUGIN_EXPORT __declspec(dllexport)
#elif defined(__GNUC__)
#define TW_PLUGIN_EXPORT __attribute__((visibility("default")))
#else
#define TW_PLUGIN_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Borrowed bytes. */
typedef struct tw_bytes {
    const uint8_t *ptr; /* the first byte; may be null if len is 0 */
    size_t len;         /* the number of bytes */
} tw_bytes;

/* The answer to a call. */
typedef struct tw_answer {
    int32_t failed;               /* 0: success; anything else: failure */
    tw_bytes payload;             /* the message, as JSON */
    tw_bytes body;                /* raw bytes that belong to the message */
    void *owner;                  /* the argument of release */
    void (*release)(void *owner); /* frees payload and body; null if there is nothing to free */
} tw_answer;

/* A plugin's handle of the host, for one run of a command. */
typedef struct tw_host {
    uint64_t run; /* the number of the run, the first argument of call */
    void (*call)(uint64_t run, tw_bytes method, tw_bytes payload, tw_bytes body, tw_answer *out);
} tw_host;

/* The function of a plugin that the host calls. */
TW_PLUGIN_EXPORT
void tw_plugin_call_1(const tw_host *host, tw_bytes method, tw_bytes payload, tw_bytes body, tw_answer *out);

#ifdef __cplusplus
}
#endif

/*
 * TW_PLUGIN_NOTE("tw-plugin-NAME", "1.2.3") defines the note of a plugin: one JSON object in a section of the library.
 * The host reads it from the file, before any code of the plugin runs. Use the macro once, outside of all functions and
 * without a semicolon. The name and the version are those in the manifest, where the name has no "tw-plugin-".
 *
 * The note is an exported object, so that no linker drops it as unused.
 */
#if defined(__APPLE__)
#define TW_PLUGIN_SECTION __attribute__((used, section("__DATA,__tw_plugin")))
#elif defined(_MSC_VER)
#pragma section(".twplug", read)
#define TW_PLUGIN_SECTION __declspec(allocate(".twplug"))
#elif defined(_WIN32)
#define TW_PLUGIN_SECTION __attribute__((used, section(".twplug")))
#else
#define TW_PLUGIN_SECTION __attribute__((used, section("tw_plugin")))
#endif

#define TW_PLUGIN_NOTE(package, version)                                                                                 \
    extern TW_PLUGIN_EXPORT const char tw_plugin_note[];                                                                 \
    TW_PLUGIN_SECTION const char tw_plugin_note[] =                                                                      \
        "{\"note\":1,\"package\":\"" package "\",\"version\":\"" version "\",\"abi\":1,\"protocol\":1}";

/*
 * TW_PLUGIN_TARGET is the value of "target" in the manifest: the platform that the library is compiled for, such as
 * "x86_64-linux", or "x86_64-linux-musl" for a Linux with the C library musl. It is not defined for a platform that this
 * file does not know; then write the target as the message of `tw plugin install` names it.
 */
#if defined(__x86_64__) || defined(_M_X64)
#define TW_PLUGIN_MACHINE "x86_64"
#elif defined(__aarch64__) || defined(_M_ARM64)
#define TW_PLUGIN_MACHINE "aarch64"
#elif defined(__i386__) || defined(_M_IX86)
#define TW_PLUGIN_MACHINE "x86"
#elif defined(__arm__)
#define TW_PLUGIN_MACHINE "arm"
#elif defined(__riscv) && __riscv_xlen == 64
#define TW_PLUGIN_MACHINE "riscv64"
#endif

/* musl defines no macro of its own. Every header of glibc defines __GLIBC__, so <stdint.h> has defined it above. */
#if defined(TW_PLUGIN_MACHINE) && defined(__linux__) && defined(__GLIBC__)
#define TW_PLUGIN_TARGET TW_PLUGIN_MACHINE "-linux"
#elif defined(TW_PLUGIN_MACHINE) && defined(__linux__) && !defined(__ANDROID__)
#define TW_PLUGIN_TARGET TW_PLUGIN_MACHINE "-linux-musl"
#elif defined(TW_PLUGIN_MACHINE) && defined(__APPLE__)
#define TW_PLUGIN_TARGET TW_PLUGIN_MACHINE "-macos"
#elif defined(TW_PLUGIN_MACHINE) && defined(_WIN32)
#define TW_PLUGIN_TARGET TW_PLUGIN_MACHINE "-windows"
#endif

#endif /* TW_PLUGIN_H */
