"""Checks every golden message against the JSON schema of the messages.

Usage: check_schema.py FOLDER, where FOLDER has messages.schema.json and the folder golden/.
"""

import json
import pathlib
import sys

import jsonschema

folder = pathlib.Path(sys.argv[1])
schema = json.loads((folder / "messages.schema.json").read_text())
jsonschema.Draft202012Validator.check_schema(schema)


def schema_of(name):
    """Returns the schema of the message that a golden file is named after, such as http.send.request.minimal."""
    if name.split(".")[0] == "error":
        return schema["methods"]["run"]["failure"]
    for method, messages in schema["methods"].items():
        for message in ("request", "reply"):
            if (name + ".").startswith(f"{method}.{message}."):
                return messages[message]
    sys.exit(f"{name}.json is the name of no message")


def check(name, message):
    """Returns what is wrong with a message."""
    form = {"$schema": schema["$schema"], "$defs": schema["$defs"], **schema_of(name)}
    errors = jsonschema.Draft202012Validator(form).iter_errors(message)
    return [f"{name}: {error.message}" for error in errors]


checked = 0
for path in sorted((folder / "golden").glob("*.json")):
    wrong = check(path.stem, json.loads(path.read_text()))
    if wrong:
        sys.exit("\n".join(wrong))
    checked += 1
if checked < 50:
    sys.exit(f"only {checked} golden files were found")
# A message of a wrong form must fail, or the check checks nothing.
for name, message in [
    ("http.send.request", {"query": [["a", "b"]]}),
    ("describe.reply", {"commands": [{"args": [{"kind": "toggle"}]}]}),
    ("error", {"exit_code": 300}),
]:
    if not check(name, message):
        sys.exit(f"the schema accepts {message} as {name}")
