#!/usr/bin/env bash
# Copies today's crates for plugin authors here, without their tests: `abi`, `protocol`, `derive` and `plugin-api`. Leaves the plugins and the host alone.
#
# Run this once for a frozen version. Afterwards the copy stands for the plugins of that version that people have, and never changes.
set -euo pipefail
cd "$(dirname "$0")"

# Removes items with `#[cfg(test)]`, with their other attributes and their doc comments, and the attributes for tests alone.
read -r -d '' without_tests <<'AWK' || true
/^ *#\[cfg_attr\(test,.*\]$/ { next }
is_skipping { if ($0 == indent "}") is_skipping = 0; next }
/^ *(\/\/\/|#\[)/ { pending = pending $0 "\n"; if ($0 ~ /^ *#\[cfg\(test\)\]$/) is_for_tests = 1; next }
is_for_tests {
  match($0, /^ */); indent = substr($0, 1, RLENGTH)
  is_skipping = $0 !~ /[;}]$/; is_for_tests = 0; pending = ""; next
}
{ printf "%s%s\n", pending, $0; pending = "" }
END { printf "%s", pending }
AWK

# Removes the sections of a Cargo.toml for lints and for tests, with the comments above them.
read -r -d '' without_sections <<'AWK' || true
/^\[/ { is_skipping = /^\[(lints|dev-dependencies)\]/ }
/^#/ { pending = pending $0 "\n"; next }
is_skipping { pending = ""; next }
{ printf "%s%s\n", pending, $0; pending = "" }
AWK

# The crates' folders here and in the workspace.
crates=("abi plugin-api/abi" "protocol plugin-api/protocol" "derive plugin-api/derive" "plugin-api plugin-api")
for crate in "${crates[@]}"; do
  read -r copy original <<<"$crate"
  original=../../$original
  rm -rf "${copy:?}/src"
  (cd "$original/src" && find . -name '*.rs') | while read -r file; do
    mkdir -p "$copy/src/$(dirname "$file")"
    awk "$without_tests" "$original/src/$file" >"$copy/src/$file"
  done
  # A file whose module nothing declares any more was for tests.
  find "$copy/src" -name '*.rs' ! -name lib.rs ! -name mod.rs | while read -r file; do
    grep -rqE "^ *(pub(\([a-z]+\))? )?mod $(basename "$file" .rs);" "$copy/src" || rm "$file"
  done
  awk "$without_sections" "$original/Cargo.toml" | cat -s >"$copy/Cargo.toml"
  cargo fmt --package "$(sed -n 's/^name = "\(.*\)"$/\1/p' "$copy/Cargo.toml" | head -1)"
done

# Brings Cargo.lock up to date, and shows at once if the plugins and the host don't compile with the copy.
cargo check --workspace --target-dir ../../target/fixtures/tests-fixtures-1.0
grep -rnE 'cfg\(test\)|cfg_attr\(test|schemars|proptest' --include='*.rs' --include='Cargo.toml' . && {
  echo "The copy still has code for tests." >&2
  exit 1
}
echo "The copy is that of the crates in plugin-api. Run: cargo test --workspace --test compat"
