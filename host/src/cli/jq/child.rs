//! The child process that evaluates an expression, within limits on its time and its memory.

// The macros of jaq-json name it.
extern crate alloc;

use std::{
    borrow::Cow,
    ffi::OsString,
    io::{self, Read, Write},
};

use jaq_core::{
    Compiler, Ctx, Vars,
    data::JustLut,
    load::{self, Arena, File, Loader, lex},
};
use jaq_json::{Num, Val, format_val, style, write::Pp, write_utf8, write_val};

use super::ERROR;
use crate::error::exit;

/// The time limit in seconds of computing. Filtering 100,000 rows takes about a second.
pub(super) const MOST_SECONDS: u64 = 5;
/// The limit on memory beside the result itself: 512 MiB.
pub(super) const MOST_MEMORY: u64 = 512 << 20;
/// A parsed result takes this many times the memory of its JSON at most.
const PARSED: u64 = 16;

/// The functions of jq that are missing here: `env` shows the variables of the process, which may have secrets.
const FORBIDDEN: [&str; 1] = ["env"];

/// Parts of jq that are missing here on purpose, each with the hint about it.
const ABSENT: [(&[&str], &str); 2] = [
    (
        &["env", "$ENV"],
        "an expression can't read variables, because they may have secrets",
    ),
    (
        &["input", "inputs"],
        "the result is the only input: `.` stands for it",
    ),
];

/// The hint about an expression that the shell may have changed.
const QUOTE: &str = "quote the expression for the shell, such as --jq '.secrets[].name'";

/// The reason why an expression can't be compiled.
struct Problem {
    message: String,
    hint: String,
}

impl Problem {
    fn new(message: String) -> Self {
        let hint = QUOTE.to_owned();
        Self { message, hint }
    }
}

/// Definitions of jq that the library lacks, or that do less there.
const MISSING: &str = r#"
def from_entries: reduce .[] as $entry ({}; . + {
  ($entry | [.key, .k, .name, .Name, .K, .Key] | map(values) | first | if isstring then . else tojson end):
  ($entry | if has("value") then .value elif has("v") then .v else .Value end) });
def toarray: if isarray then . else [.] end;
def leaf_paths: paths(scalars);
def IN(values): . as $x | any(values; . == $x);
def INDEX(rows; name): reduce rows as $row ({}; . + { ($row | name | tostring): $row });
def INDEX(name): INDEX(.[]; name);
def fields_of(format; text): if isarray | not
  then error("\(type) (\(tojson)) cannot be \(format)-formatted, only an array can be") else .[] end
  | if . == null then "" elif isstring then text
    elif isarray or isobject then error("\(type) (\(tojson)) is not valid in a \(format) row") else tostring end;
def @tsv: [fields_of("tsv";
  split("\\") | join("\\\\") | split("\t") | join("\\t") | split("\n") | join("\\n") | split("\r") | join("\\r"))] | join("\t");
def @csv: [fields_of("csv"; "\"" + (split("\"") | join("\"\"")) + "\"")] | join(",");
def halt_error($code): if $code == 0 then halt else error end;
def halt_error: error;
"#;

type Filter = jaq_core::Filter<JustLut<Val>>;

/// Checks the expression, or evaluates it for standard input. Writes what went wrong as a line that begins with [`ERROR`], and a hint as another line.
pub(super) fn answer(mut arguments: impl Iterator<Item = OsString>) -> u8 {
    end_with_parent();
    let (Some(mode), Some(expression)) = (arguments.next(), arguments.next()) else {
        return exit::USAGE;
    };
    let mut out = std::io::stdout();
    let answered = match (compile(&expression.to_string_lossy()), mode.to_str()) {
        (Ok(filter), Some("run")) => evaluate(&filter, &mut out).map_err(|problem| vec![problem]),
        (Ok(_), _) => Ok(()),
        (Err(problem), _) => Err(vec![problem.message, problem.hint]),
    };
    if let Err(lines) = answered {
        let lines = lines.iter().map(|line| line.replace('\n', " "));
        let text = lines.collect::<Vec<_>>().join("\n");
        // The parent is gone if this fails.
        let _ = writeln!(out, "{ERROR}{text}");
    }
    exit::SUCCESS
}

/// Compiles an expression. The error has the position, counted in characters from 1.
fn compile(expression: &str) -> Result<Filter, Problem> {
    let expression = join_surrogates(expression);
    let mut lines = expression.lines().map(str::trim_start);
    let code = match lines.all(|line| line.is_empty() || line.starts_with('#')) {
        true => ".",
        false => &*expression,
    };
    let missing = load::parse(MISSING, |parser| parser.defs()).unwrap_or_default();
    let defs = jaq_core::defs()
        .chain(jaq_std::defs())
        .chain(jaq_json::defs());
    let arena = Arena::default();
    let file = File { code, path: () };
    let modules = Loader::new(defs.chain(missing))
        .load(&arena, file)
        .map_err(|errors| first(errors, |error| explain_load(code, error)))?;
    load::import(&modules, |_| Err("files can't be imported".to_owned()))
        .map_err(|errors| first(errors, |error| explain_load(code, error)))?;
    let funs = jaq_core::funs()
        .chain(jaq_std::funs())
        .chain(jaq_json::funs());
    let funs = funs.filter(|(name, ..)| !FORBIDDEN.contains(name));
    let compiled = Compiler::default().with_funs(funs).compile(modules);
    compiled.map_err(|errors| {
        first(errors, |undefined| {
            let (name, kind) = undefined.into_iter().next()?;
            let at = position(code, name);
            let message = format!("at character {at}: there is no {} '{name}'", kind.as_str());
            let hint = advise_on_name(name).unwrap_or_else(|| QUOTE.to_owned());
            Some(Problem { message, hint })
        })
    })
}

/// Replaces two escapes that stand for one character, such as `\ud83d\ude00`, by this character: the parser knows only characters with one escape.
fn join_surrogates(expression: &str) -> Cow<'_, str> {
    let escape = |text: &str| {
        let digits = text.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut joined = String::new();
    let mut rest = expression;
    while let Some(at) = rest.find('\\') {
        let (before, from) = rest.split_at(at);
        joined.push_str(before);
        let pair = escape(from).and_then(|high| Some([high, escape(&from[6..])?]));
        let character = pair.and_then(|pair| String::from_utf16(&pair).ok());
        let character = character.filter(|text| text.chars().count() == 1);
        // A backslash and the character that it escapes stay together.
        let escaped = from.chars().take(2).map(char::len_utf8).sum();
        let length = if character.is_some() { 12 } else { escaped };
        joined.push_str(character.as_deref().unwrap_or(&from[..length]));
        rest = &from[length..];
    }
    match joined.is_empty() {
        true => expression.into(),
        false => (joined + rest).into(),
    }
}

/// Explains the first error that is about the expression.
fn first<C, P, E>(errors: Vec<(File<C, P>, E)>, explain: impl Fn(E) -> Option<Problem>) -> Problem {
    let mut errors = errors.into_iter();
    let explained = errors.find_map(|(_, error)| explain(error));
    explained.unwrap_or_else(|| Problem::new("it is no expression of jq".to_owned()))
}

/// Advises on the name of a function or a variable that doesn't exist. `None` if nothing is known about the name.
fn advise_on_name(name: &str) -> Option<String> {
    let mut absent = ABSENT.iter();
    if let Some((_, hint)) = absent.find(|(names, _)| names.contains(&name)) {
        return Some((*hint).to_owned());
    }
    // Someone who wants the field `secrets` often types `secrets`.
    let is_field = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_field.then(|| format!("a field begins with a dot: `.{name}`"))
}

fn explain_load(code: &str, error: load::Error<&str>) -> Option<Problem> {
    let is_import = matches!(error, load::Error::Io(_));
    let problem = Problem::new(explain_syntax(code, error)?);
    Some(match is_import {
        true => Problem {
            hint: "write its definitions into the expression".to_owned(),
            ..problem
        },
        false => problem,
    })
}

/// Returns what the parser expected, in the words of a user.
fn describe(expected: &str) -> String {
    match expected {
        "nothing" => "an operator or the end".to_owned(),
        "token" | "term" => "a value".to_owned(),
        "key" => "the name of a field".to_owned(),
        "else or end" => "`else` or `end`".to_owned(),
        "comma or right bracket" => "`,` or `]`".to_owned(),
        "comma or right brace" => "`,` or `}`".to_owned(),
        "semicolon or right parenthesis" => "`;` or `)`".to_owned(),
        "digit" | "variable" | "pattern" | "string" | "string escape sequence" => {
            format!("a {expected}")
        }
        "4-digit hexadecimal UTF-8 code point" => "4 hexadecimal digits".to_owned(),
        "identifier" => "a name".to_owned(),
        "argument" => "an argument".to_owned(),
        word => format!("`{word}`"),
    }
}

/// Returns what is wrong with a value, in the words of jq's users.
fn explain_value(problem: &str) -> String {
    let uniterable = problem
        .strip_prefix("cannot use ")
        .and_then(|rest| rest.strip_suffix(" as iterable (array or object)"));
    match uniterable {
        Some(value) => format!("only a list or an object has elements, and not {value}"),
        None => problem.to_owned(),
    }
}

fn explain_syntax(code: &str, error: load::Error<&str>) -> Option<String> {
    let (expected, found) = match error {
        load::Error::Io(errors) => {
            let (path, _) = errors.into_iter().next()?;
            return Some(format!(
                "at character {}: files can't be imported",
                position(code, path)
            ));
        }
        load::Error::Lex(errors) => {
            let (expected, found) = errors.into_iter().next()?;
            if let lex::Expect::Delim(_) = expected {
                let at = position(code, found);
                return Some(format!(
                    "at character {at}: the {} is missing",
                    expected.as_str()
                ));
            }
            (expected.as_str(), found)
        }
        load::Error::Parse(errors) => {
            let (expected, found) = errors.into_iter().next()?;
            (expected.as_str(), found)
        }
    };
    let at = position(code, found);
    let found = match found.chars().next() {
        None => "the end".to_owned(),
        Some(_) => format!("'{}'", crate::error::excerpt(found)),
    };
    let expected = describe(expected);
    Some(format!(
        "at character {at}: expected {expected}, found {found}"
    ))
}

/// Returns the position of a part of the code, in characters from 1.
fn position(code: &str, part: &str) -> usize {
    let begin = load::span(code, part).start;
    let before = code.get(..begin).unwrap_or(code);
    before.chars().count() + 1
}

/// Evaluates the filter for the result on standard input, and writes each output as one line of JSON.
fn evaluate(filter: &Filter, out: &mut impl Write) -> Result<(), String> {
    let mut json = Vec::new();
    let read = std::io::stdin().read_to_end(&mut json);
    read.map_err(|error| error.to_string())?;
    limit(json.len() as u64);
    let input = jaq_json::read::parse_single(&json).map_err(|error| error.to_string())?;
    drop(json);
    let context = Ctx::<JustLut<Val>>::new(&filter.lut, Vars::new([]));
    for output in filter.id.run((context, input)) {
        let output = match output {
            Ok(output) => output,
            Err(exception) => {
                return match exception.get_err() {
                    Ok(error) => Err(match error.into_val() {
                        Val::TStr(text) => explain_value(&String::from_utf8_lossy(&text)),
                        value => value.to_string(),
                    }),
                    Err(exception) => match exception.get_halt() {
                        Ok(0) => Ok(()),
                        Ok(code) => Err(format!("it halted with the exit code {code}")),
                        Err(_) => Err("it has a `break` without its `label`".to_owned()),
                    },
                };
            }
        };
        let mut line = Vec::new();
        let written = write(&mut line, &Pp::default(), 0, &output);
        written.map_err(|error| error.to_string())?;
        line.push(b'\n');
        if out.write_all(&line).and_then(|()| out.flush()).is_err() {
            // The parent needs no more outputs.
            return Ok(());
        }
    }
    Ok(())
}

/// Writes a value as JSON, with what jq writes for numbers that JSON doesn't have.
fn write(out: &mut dyn Write, pp: &Pp, level: usize, value: &Val) -> io::Result<()> {
    match value {
        Val::Num(Num::Float(number)) if number.is_nan() => write!(out, "null"),
        Val::Num(Num::Float(number)) if number.is_infinite() => {
            write!(out, "{:e}", f64::MAX.copysign(*number))
        }
        _ => write_val!(out, pp, level, value, write),
    }
}

/// Limits the time and the memory of this process. `length` is that of the result.
#[cfg(unix)]
fn limit(length: u64) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let memory = MOST_MEMORY.saturating_add(length.saturating_mul(PARSED));
    // After the soft limit the system sends SIGXCPU, and after the hard one SIGKILL, which nothing can ignore.
    let limits = [
        (Resource::As, memory, memory),
        (Resource::Cpu, MOST_SECONDS, MOST_SECONDS + 1),
    ];
    for (resource, soft, hard) in limits {
        let most = getrlimit(resource).maximum.unwrap_or(u64::MAX);
        let rlimit = Rlimit {
            current: Some(soft.min(most)),
            maximum: Some(hard.min(most)),
        };
        // A system without this limit evaluates without it.
        let _ = setrlimit(resource, rlimit);
    }
}

#[cfg(not(unix))]
fn limit(_: u64) {}

/// Makes this process end if its parent ends, for example by a second Ctrl-C.
fn end_with_parent() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
}
