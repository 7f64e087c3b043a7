"""A host in Python: drives the library of a plugin through the plain C door, with the types that tw_plugin.h declares.

usage: plain_host.py tw_plugin.h LIBRARY

The library is that of examples/hello, whose command calls the host once, with the method auth.whoami.
"""

import json
import re
import sys

import cffi

header, library = sys.argv[1:]

ffi = cffi.FFI()
declarations = re.search(r'extern "C" \{\n#endif\n(.*?)#ifdef __cplusplus', open(header).read(), re.S)
ffi.cdef(declarations.group(1).replace("TW_PLUGIN_EXPORT", ""))
plugin = ffi.dlopen(library)

# The buffers of the host's answers until the plugin releases them, by a number that is the answer's owner.
lent = {}
released = []
calls = []
# The answer of the host to the next calls: success or failure, and the message.
answer = (0, {"id": 1, "name": "ada"})


def borrow(data):
    """Returns the bytes as tw_bytes, and the buffer that must outlive the use of them."""
    buffer = ffi.new("uint8_t[]", data)
    return {"ptr": buffer, "len": len(data)}, buffer


def copy(data):
    return bytes(ffi.buffer(data.ptr, data.len)) if data.len else b""


@ffi.callback("void(void *)")
def release(owner):
    number = int(ffi.cast("uintptr_t", owner))
    del lent[number]
    released.append(number)


@ffi.callback("void(uint64_t, tw_bytes, tw_bytes, tw_bytes, tw_answer *)")
def answer_plugin(run, method, payload, body, out):
    calls.append((run, copy(method), json.loads(copy(payload) or b"{}"), copy(body)))
    number = len(calls)
    out.failed, message = answer
    out.payload, lent[number] = borrow(json.dumps(message).encode())
    out.owner = ffi.cast("void *", number)
    out.release = release


def call(run, method, message):
    """Calls the plugin, and returns whether it failed, its message, and its body."""
    host = ffi.new("tw_host *", {"run": run, "call": answer_plugin})
    out = ffi.new("tw_answer *", {"failed": 1})
    parts = [borrow(part) for part in (method, json.dumps(message).encode(), b"")]
    plugin.tw_plugin_call_1(host, *(part for part, _ in parts), out)
    result = bool(out.failed), json.loads(copy(out.payload)), copy(out.body)
    # The plugin owns the bytes until this call, which frees them. They were copied above.
    assert out.release != ffi.NULL
    out.release(out.owner)
    return result


failed, manifest, body = call(1, b"describe", {"protocol": 1})
assert (failed, manifest["name"], body) == (False, "hello", b""), manifest
assert manifest["commands"][0]["name"] == "hello"
assert calls == []

request = {"protocol": 1, "command": ["hello"], "arguments": {"greeting": "Hi", "loud": True}}
failed, outcome, body = call(2, b"run", request)
assert not failed, outcome
assert json.loads(body) == {"greeting": "HI, ADA"}, body
assert outcome["view"]["text"] == "HI, ADA", outcome
assert [(run, method, body) for run, method, _, body in calls] == [(2, b"auth.whoami", b"")], calls
assert released == [1] and not lent, released

# The host's failure reaches the plugin, which passes it on.
answer = (1, {"kind": "no_token", "message": "Nobody is here"})
failed, failure, body = call(3, b"run", request)
assert failed and failure["message"] == "Nobody is here", failure
assert [run for run, *_ in calls] == [2, 3], calls
assert released == [1, 2] and not lent, released

failed, failure, body = call(4, b"dance", {})
assert failed and failure["kind"] == "unsupported", failure
