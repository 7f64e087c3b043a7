# Completes tw in elvish. Runs the tw of PATH, and never the program that was typed: Tab after `./tw` must not run a file that only lies there.
# tw reads the words from standard input, because every user can read the arguments of a process.
use str
var tw-complete~ = {|@words|
    try {
        var lines = [(each {|word| print $word"\x00" } $words | (external tw) __complete elvish 2>/dev/null | from-lines)]
        if (eq $lines [files]) {
            edit:complete-filename $@words
        } else {
            for line $lines {
                var value help = (str:split &max=2 "\t" $line)
                var display = $value
                if (not-eq $help '') { set display = $value' ('$help')' }
                var suffix = ' '
                for end ['/' '=' ':'] { if (str:has-suffix $value $end) { set suffix = '' } }
                edit:complex-candidate $value &display=$display &code-suffix=$suffix
            }
        }
    } catch error { }
}
set edit:completion:arg-completer[tw] = $tw-complete~
# A path to the same program completes too.
try { set edit:completion:arg-completer[(search-external tw)] = $tw-complete~ } catch error { }
