//! Colors and links: whether a stream shows them. Everything that prints asks here, so that help, errors and results agree.

use std::{
    io::IsTerminal,
    sync::atomic::{AtomicU8, Ordering},
};

use super::variable;

/// The value of `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColorChoice {
    Auto,
    Always,
    Never,
}

impl ColorChoice {
    /// The values of the option, in the order of the variants.
    pub(crate) const NAMES: [&str; 3] = ["auto", "always", "never"];
    const ALL: [Self; 3] = [Self::Auto, Self::Always, Self::Never];

    /// Returns the choice with this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let at = Self::NAMES.iter().position(|known| *known == name)?;
        Some(Self::ALL[at])
    }
}

/// The place of the choice in [`ColorChoice::ALL`].
static CHOICE: AtomicU8 = AtomicU8::new(0);

/// Sets the choice of the command line, before anything is printed.
pub(crate) fn choose_color(choice: ColorChoice) {
    CHOICE.store(choice as u8, Ordering::Relaxed);
}

/// True if this stream shows colors and bold text.
///
/// The option decides, then `NO_COLOR`, then `FORCE_COLOR` and `CLICOLOR_FORCE`, and otherwise the stream: colors are for terminals, unless `CLICOLOR` is 0 or
/// `TERM` is dumb. An empty variable counts as unset.
pub(crate) fn has_color(stream: &impl IsTerminal) -> bool {
    let choice = ColorChoice::ALL[usize::from(CHOICE.load(Ordering::Relaxed))];
    decide_color(choice, &|name| text(name), &|| stream.is_terminal())
}

fn decide_color(
    choice: ColorChoice,
    variable: &dyn Fn(&str) -> Option<String>,
    is_terminal: &dyn Fn() -> bool,
) -> bool {
    let is = |name: &str, values: &[&str]| {
        variable(name).is_some_and(|value| values.contains(&&*value.to_ascii_lowercase()))
    };
    let is_off = |name: &str| is(name, &["0", "false"]);
    let is_forced = |name: &str| variable(name).is_some() && !is_off(name);
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if variable("NO_COLOR").is_some() => false,
        ColorChoice::Auto if variable("FORCE_COLOR").is_some() => !is_off("FORCE_COLOR"),
        ColorChoice::Auto if is_forced("CLICOLOR_FORCE") => true,
        ColorChoice::Auto if is_off("CLICOLOR") => false,
        ColorChoice::Auto => !is("TERM", &["dumb"]) && is_terminal(),
    }
}

/// True if this stream shows links. They are no colors, so only `FORCE_HYPERLINK` and the terminal decide.
pub(crate) fn has_links(stream: &impl IsTerminal) -> bool {
    decide_links(&|name| text(name), &|| stream.is_terminal())
}

fn decide_links(variable: &dyn Fn(&str) -> Option<String>, is_terminal: &dyn Fn() -> bool) -> bool {
    match variable("FORCE_HYPERLINK") {
        Some(value) => value != "0",
        None => variable("TERM").is_none_or(|term| term != "dumb") && is_terminal(),
    }
}

fn text(name: &str) -> Option<String> {
    Some(variable(name)?.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a reader of these variables: `A=1 B=2`.
    fn variables(text: &str) -> impl Fn(&str) -> Option<String> {
        let pairs = text
            .split_whitespace()
            .filter_map(|pair| pair.split_once('='));
        let pairs: Vec<(String, String)> = pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        move |name| {
            let mut pairs = pairs.iter();
            let (_, value) = pairs.find(|(known, _)| known == name)?;
            Some(value.clone())
        }
    }

    #[test]
    fn variables_and_the_stream_decide_about_colors() {
        for (text, in_a_pipe, on_a_terminal) in [
            ("", false, true),
            ("TERM=xterm", false, true),
            ("TERM=dumb", false, false),
            ("NO_COLOR=1", false, false),
            ("NO_COLOR=0 FORCE_COLOR=1 CLICOLOR_FORCE=1", false, false),
            ("CLICOLOR=0", false, false),
            ("CLICOLOR=1", false, true),
            ("CLICOLOR_FORCE=1 TERM=dumb", true, true),
            ("CLICOLOR_FORCE=1 CLICOLOR=0", true, true),
            ("CLICOLOR_FORCE=0", false, true),
            ("FORCE_COLOR=3", true, true),
            ("FORCE_COLOR=true", true, true),
            ("FORCE_COLOR=0", false, false),
            ("FORCE_COLOR=false", false, false),
            ("FORCE_COLOR=0 CLICOLOR_FORCE=1", false, false),
            ("FORCE_COLOR=1 CLICOLOR_FORCE=0 CLICOLOR=0", true, true),
        ] {
            let decide =
                |is_terminal| decide_color(ColorChoice::Auto, &variables(text), &|| is_terminal);
            assert_eq!(
                (decide(false), decide(true)),
                (in_a_pipe, on_a_terminal),
                "{text}"
            );
            for (choice, expected) in [(ColorChoice::Always, true), (ColorChoice::Never, false)] {
                for is_terminal in [false, true] {
                    let decided = decide_color(choice, &variables(text), &|| is_terminal);
                    assert_eq!(decided, expected, "{text}");
                }
            }
        }
    }

    #[test]
    fn links_do_not_depend_on_colors() {
        for (text, in_a_pipe, on_a_terminal) in [
            ("", false, true),
            ("NO_COLOR=1 FORCE_COLOR=0 CLICOLOR=0", false, true),
            ("FORCE_COLOR=1 CLICOLOR_FORCE=1", false, true),
            ("TERM=dumb", false, false),
            ("FORCE_HYPERLINK=1", true, true),
            ("FORCE_HYPERLINK=0", false, false),
        ] {
            let decide = |is_terminal| decide_links(&variables(text), &|| is_terminal);
            assert_eq!(
                (decide(false), decide(true)),
                (in_a_pipe, on_a_terminal),
                "{text}"
            );
        }
    }

    #[test]
    fn a_choice_has_the_name_of_its_place() {
        for (choice, name) in ColorChoice::ALL.into_iter().zip(ColorChoice::NAMES) {
            assert_eq!(ColorChoice::named(name), Some(choice));
            assert_eq!(ColorChoice::ALL[choice as usize], choice);
        }
        assert_eq!(ColorChoice::named("Always"), None);
    }
}
