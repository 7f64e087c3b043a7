//! `tw generate man DIR`: man pages for packagers, one for each command.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command, ValueHint, value_parser};
use clap_mangen::Man;

use super::tree;
use crate::{
    config::options,
    error::{Error, exit},
    files,
    plugin::Catalog,
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
    let group = Command::new("generate")
        .about("Generate files for packages of tw")
        .hide(true);
    group.subcommand(options::add_to_command(man))
}

/// Writes the pages of all commands, those of the installed plugins included.
pub(super) fn run(catalog: &Catalog, matches: &ArgMatches) -> Result<u8, Error> {
    let folder = matches
        .subcommand()
        .and_then(|(_, matches)| matches.get_one::<PathBuf>("folder"));
    if let Some(folder) = folder {
        // All users read man pages, so the umask alone decides who can enter the folder.
        std::fs::create_dir_all(folder).map_err(|error| Error::unwritable(folder, error))?;
        let mut tree = options::name_in_full(tree::whole(catalog));
        tree.build();
        write_pages(&tree, "tw", folder)?;
    }
    Ok(exit::SUCCESS)
}

/// Writes the page of a command and those of the commands below it: `tw-secrets-list.1`.
fn write_pages(command: &Command, name: &str, folder: &Path) -> Result<(), Error> {
    // A page has the name of its file, and a name without blanks is one that `man` finds.
    let page = Man::new(command.clone().name(name.to_owned()));
    let mut text = Vec::new();
    page.render(&mut text).map_err(Error::output)?;
    let text = set_headings(&String::from_utf8_lossy(&text));
    let path = folder.join(format!("{name}.1"));
    files::replace(&path, text.as_bytes()).map_err(|error| Error::unwritable(&path, error))?;
    let below = command
        .get_subcommands()
        .filter(|below| !below.is_hide_set());
    for below in below.filter(|below| below.get_name() != "help") {
        write_pages(below, &format!("{name}-{}", below.get_name()), folder)?;
    }
    Ok(())
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
