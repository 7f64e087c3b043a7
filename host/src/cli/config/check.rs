//! `tw config check`: compares all configuration files with the schema, and the sections of plugins with what the plugins declare.

use std::path::{Path, PathBuf};

use clap::ArgMatches;
use serde_json::{Value, json};
use tw_render::{Format, text::visible};

use crate::{
    cli::{alias, plugin::view::table, show},
    config::{
        self, Configuration, Origin, Settings,
        chosen::Chosen,
        file::{File, Trust, system_paths},
    },
    error::{Error, ErrorKind, code},
    files::show_path,
    owners::Obstacle,
    plugin::Catalog,
};

/// A mistake in the configuration.
pub(in crate::cli) struct Problem {
    /// The file that has the mistake. `None` if no file is to blame.
    file: Option<PathBuf>,
    pub(in crate::cli) error: Error,
}

/// The configuration files with their states, and what is wrong with them.
pub(in crate::cli) struct Found {
    pub(in crate::cli) files: Vec<(PathBuf, &'static str)>,
    pub(in crate::cli) problems: Vec<Problem>,
}

impl Found {
    /// Returns the mistakes as one error. `None` if there is no mistake.
    fn summarize(&self) -> Option<Error> {
        let (first, others) = self.problems.split_first()?;
        let error = first.error.clone();
        Some(match others.len() {
            0 => error,
            others => error.context(format!("{} mistakes; the first", others + 1)),
        })
    }
}

/// Prints the files and their mistakes, and returns the exit code.
pub(super) fn run(
    catalog: &Catalog,
    levels: &[&ArgMatches],
    settings: &Settings,
) -> Result<u8, Error> {
    let found = find_problems(catalog, levels);
    // In these formats, the table is all that is printed.
    let has_only_rows = matches!(
        settings.format,
        Format::Csv | Format::Tsv | Format::JsonLines
    ) && settings.shown.jq.is_none();
    let mut columns = vec![("File", "/path"), ("State", "/state")];
    let files = match has_only_rows {
        true => {
            columns.extend([("Problem", "/problem"), ("Hint", "/hint")]);
            rows_with_problems(&found)
        }
        false => {
            let files = found.files.iter();
            files.map(|(path, state)| row(Some(path), state)).collect()
        }
    };
    let problems = found.problems.iter();
    let listed: Vec<Value> = problems
        .clone()
        .map(|problem| json!({ "message": problem.error.message(), "hint": problem.error.next_step() }))
        .collect();
    let view = table("Configuration files", "/files", &columns, "No files found");
    let texts: String = match settings.format {
        Format::Console => problems.map(render).collect(),
        _ => String::new(),
    };
    let value = json!({ "files": files, "problems": listed });
    show::print_checks(settings, &value, &view, &texts, found.summarize())
}

fn row(path: Option<&Path>, state: &str) -> Value {
    json!({ "path": path.map(Path::to_string_lossy), "state": state })
}

/// Returns a row for each mistake, and for each file without one.
fn rows_with_problems(found: &Found) -> Vec<Value> {
    let with = |mut row: Value, problem: Option<&Problem>| {
        row["problem"] = problem.map(|problem| problem.error.message()).into();
        row["hint"] = problem.and_then(|problem| problem.error.next_step()).into();
        row
    };
    let mut rows = Vec::new();
    for (path, state) in &found.files {
        let own = found.problems.iter();
        let own = own.filter(|problem| problem.file.as_ref() == Some(path));
        let before = rows.len();
        rows.extend(own.map(|problem| with(row(Some(path), state), Some(problem))));
        if rows.len() == before {
            rows.push(with(row(Some(path), state), None));
        }
    }
    let others = found.problems.iter().filter(|one| one.file.is_none());
    rows.extend(others.map(|problem| with(row(None, "invalid"), Some(problem))));
    rows
}

/// Compares all files with the schema. If they have no mistake, looks for the profile in use, and compares the sections of plugins.
pub(in crate::cli) fn find_problems(catalog: &Catalog, levels: &[&ArgMatches]) -> Found {
    let user = config::user_path().map(|path| (path, Trust::Own));
    let mut problems = Vec::new();
    let mut files = Vec::new();
    for (path, trust) in user.into_iter().chain(system_paths()) {
        let (state, found) = match File::read_unchecked(&path, trust) {
            Ok(None) if Obstacle::find(&path).is_some() => ("unreachable", Vec::new()),
            Ok(None) => ("absent", Vec::new()),
            Err(error) => ("valid", vec![error]),
            Ok(Some(file)) => {
                let mistakes = file.mistakes().into_iter();
                ("valid", mistakes.map(|one| file.explain(one)).collect())
            }
        };
        let file = Some(path.clone());
        problems.extend(found.into_iter().map(|error| Problem {
            file: file.clone(),
            error,
        }));
        files.push((path, state));
    }
    if problems.is_empty() {
        match Configuration::load() {
            Ok(configuration) => {
                problems.extend(check_profile(levels, configuration));
                problems.extend(check_plugins(catalog, configuration));
                problems.extend(check_aliases(catalog, configuration));
            }
            Err(error) => problems.push(Problem { file: None, error }),
        }
    }
    for (path, state) in &mut files {
        if problems.iter().any(|one| one.file.as_ref() == Some(path)) {
            *state = "invalid";
        }
    }
    Found { files, problems }
}

fn render(problem: &Problem) -> String {
    let hint = problem.error.next_step().unwrap_or_default();
    let hint = match hint.is_empty() {
        true => String::new(),
        false => format!("    {}\n", visible(hint)),
    };
    format!("  {}\n{hint}", visible(problem.error.message()))
}

/// Looks for the profile in use.
fn check_profile(levels: &[&ArgMatches], configuration: &Configuration) -> Option<Problem> {
    let error = Chosen::new(levels, configuration).err()?;
    let profile = config::chosen::find_profile(levels, configuration);
    let file = match profile.ok().flatten()?.origin {
        Origin::File(place) => Some(place.file),
        _ => None,
    };
    Some(Problem { file, error })
}

/// Compares the sections of plugins with what the plugins declare.
fn check_plugins(catalog: &Catalog, configuration: &Configuration) -> Vec<Problem> {
    let names = configuration.names("plugin");
    if names.is_empty() {
        return Vec::new();
    }
    let catalog = catalog.ask_again();
    let check = |name: &str| {
        let sections = configuration.places(&["plugin", name]);
        let Some(plugin) = catalog.named(name) else {
            let name = visible(name);
            let problems = sections.into_iter().map(|place| {
                let message = format!(
                    "{place} has the section `[plugin.{name}]`, and there is no plugin of that name"
                );
                let error = Error::new(ErrorKind::Input, message).code(code::CONFIGURATION);
                Problem {
                    file: Some(place.file),
                    error: error.hint("`tw plugin list` shows the plugins"),
                }
            });
            return problems.collect();
        };
        let read = catalog
            .manifest(plugin)
            .map(|manifest| config::read_settings(name, &manifest.settings));
        let Some(Err(error)) = read else {
            return Vec::new();
        };
        // The message names the file.
        let mut files = sections.into_iter().map(|place| place.file);
        let file = files.find(|file| error.message().contains(&show_path(file)));
        vec![Problem { file, error }]
    };
    names.into_iter().flat_map(check).collect()
}

/// Checks the names and the command lines of the aliases.
fn check_aliases(catalog: &Catalog, configuration: &Configuration) -> Vec<Problem> {
    let aliases = configuration.aliases();
    if aliases.is_empty() {
        return Vec::new();
    }
    let catalog = &catalog.ask_again();
    let problems = aliases.into_iter().filter_map(|(name, text)| {
        let checked = alias::check_name(catalog, name);
        let checked = checked.and_then(|()| alias::check_command(catalog, name, &text));
        let error = checked.err()?;
        let place = configuration.places(&["alias", name]).into_iter().next()?;
        Some(Problem {
            error: error.context(&place).code(code::CONFIGURATION),
            file: Some(place.file),
        })
    });
    problems.collect()
}
