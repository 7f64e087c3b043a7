//! `tw generate man DIR`: man pages for packagers, one for each command.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command, ValueHint, value_parser};
use clap_mangen::Man;
use jiff::Timestamp;

use super::tree;
use crate::{
    config::options,
    error::{Error, exit},
    files,
    plugin::Catalog,
    process::variable,
};

pub(super) fn command() -> Command {
    let folder = Arg::new("folder")
        .value_name("DIR")
        .required(true)
        .value_parser(value_parser!(PathBuf))
        .value_hint(ValueHint::DirPath)
        .help("Folder for the pages, which is made if it is missing");
    let man = Command::new("man")
        .about("Write a man page for each command")
        .arg(folder);
    let group = Command::new("generate").about("Generate files for packages of tw");
    options::add_to_command(group.subcommand(options::add_to_command(man)))
}

/// Writes the pages of all commands, those of the installed plugins included.
pub(super) fn run(catalog: &Catalog, matches: &ArgMatches) -> Result<u8, Error> {
    let folder = matches
        .subcommand()
        .and_then(|(_, matches)| matches.get_one::<PathBuf>("folder"));
    if let Some(folder) = folder {
        // All users read man pages, so the umask alone decides who can enter the folder.
        std::fs::create_dir_all(folder).map_err(|error| Error::unwritable(folder, error))?;
        let tree = options::name_in_full(tree::whole(catalog));
        let mut tree = tree.disable_help_subcommand(true);
        tree.build();
        let date = date()?;
        write_pages(&tree, "tw", &[], &Pages { folder, date })?;
    }
    Ok(exit::SUCCESS)
}

/// The parts that all pages have in common.
struct Pages<'a> {
    folder: &'a Path,
    date: String,
}

/// Returns the date of the pages: that of the package if the builder names one, and today otherwise.
fn date() -> Result<String, Error> {
    let named = variable("SOURCE_DATE_EPOCH");
    let time = match named.as_ref().map(|text| text.to_string_lossy()) {
        Some(text) => text
            .parse()
            .ok()
            .and_then(|time| Timestamp::from_second(time).ok()),
        None => Some(Timestamp::now()),
    };
    let time = time.ok_or_else(|| {
        Error::usage("SOURCE_DATE_EPOCH should be a number of seconds").hint("correct or unset it")
    })?;
    Ok(time.strftime("%Y-%m-%d").to_string())
}

/// Writes the page of a command and those of the commands below it: `tw-secrets-list.1`. `above` are the names of the pages of the commands above.
fn write_pages(
    command: &Command,
    name: &str,
    above: &[&str],
    pages: &Pages<'_>,
) -> Result<(), Error> {
    let below = command
        .get_subcommands()
        .filter(|below| !below.is_hide_set() && below.get_name() != "help");
    let below: Vec<(&Command, String)> = below
        .map(|below| (below, format!("{name}-{}", below.get_name())))
        .collect();
    let others = above.iter().copied();
    let others = others.chain(below.iter().map(|(_, name)| name.as_str()));
    let usage = command.clone().render_usage().to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage).to_owned();
    // A page has the name of its file, and a name without blanks is one that `man` finds.
    let page = command.clone().override_usage(usage).name(name.to_owned());
    let page = Man::new(page)
        .date(&pages.date)
        .source(concat!("tw ", env!("CARGO_PKG_VERSION")))
        .manual("tw manual");
    let mut text = Vec::new();
    page.render(&mut text).map_err(Error::output)?;
    let text = set_headings(&String::from_utf8_lossy(&text));
    let text = escape(&add_see_also(&text, others));
    let path = pages.folder.join(format!("{name}.1"));
    files::replace(&path, text.as_bytes()).map_err(|error| Error::unwritable(&path, error))?;
    let above: Vec<&str> = above.iter().copied().chain([name]).collect();
    for (below, name) in &below {
        write_pages(below, name, &above, pages)?;
    }
    Ok(())
}

/// Adds the names of other pages to the section that lists them.
fn add_see_also<'a>(page: &str, others: impl Iterator<Item = &'a str>) -> String {
    const HEADING: &str = ".SH SEE ALSO\n";
    let others: Vec<String> = others
        .map(|name| format!("\\fB{}\\fR(1)", name.replace('-', "\\-")))
        .collect();
    let others = others.join(",\n");
    match page.split_once(HEADING) {
        _ if others.is_empty() => page.to_owned(),
        Some((head, tail)) => format!("{head}{HEADING}{others}\n.PP\n{tail}"),
        None => format!("{}\n{HEADING}{others}\n", page.trim_end()),
    }
}

/// Replaces characters that are not ASCII, because groff reads its input as Latin-1 unless a preprocessor converts it.
fn escape(page: &str) -> String {
    let mut escaped = String::with_capacity(page.len());
    for character in page.chars() {
        match character.is_ascii() {
            true => escaped.push(character),
            false => escaped += &format!("\\[u{:04X}]", u32::from(character)),
        }
    }
    escaped
}

/// Makes the sections that follow the options sections of the page. Their lines stay as they are.
fn set_headings(page: &str) -> String {
    let Some((head, sections)) = page.split_once("\n.SH EXTRA\n") else {
        return page.to_owned();
    };
    let (sections, tail) = match sections.split_once("\n.SH ") {
        Some((sections, tail)) => (sections, format!("\n.SH {tail}")),
        None => (sections, String::new()),
    };
    let lines = sections.lines().map(|line| match line.strip_suffix(':') {
        Some(heading) if !heading.starts_with(' ') => {
            format!("\n.fi\n.SH {}\n.nf", heading.to_uppercase())
        }
        _ => format!("\n{line}"),
    });
    format!("{head}{}\n.fi{tail}", lines.collect::<String>())
}
