# Completes tw in elvish.
use str
set edit:completion:arg-completer[tw] = {|@words|
    try {
        (external tw) __complete elvish -- $@words 2>/dev/null | from-lines | each {|line|
            var value help = (str:split &max=2 "\t" $line)
            var display = $value
            if (not-eq $help '') { set display = $value' ('$help')' }
            edit:complex-candidate $value &display=$display &code-suffix=' '
        }
    } catch error { }
}
