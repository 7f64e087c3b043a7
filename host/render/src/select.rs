//! The columns that the user chooses with `--columns`.

use std::borrow::Cow;

use tw_plugin_protocol::{Column, View};

use crate::{Format, Style, Value, lines, text::visible};

/// The error for a name that no column has. Its message lists the columns, the most similar first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownColumn {
    name: String,
    columns: Vec<String>,
    /// True if the first of the columns has a name that is similar.
    is_near: bool,
}

impl std::error::Error for UnknownColumn {}

impl std::fmt::Display for UnknownColumn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let columns: Vec<Cow<'_, str>> = self.columns.iter().map(|name| visible(name)).collect();
        write!(
            f,
            "the result has no column '{}'; its columns are {}",
            visible(&self.name),
            columns.join(", ")
        )?;
        match columns.first().filter(|_| self.is_near) {
            Some(near) => write!(f, "; did you mean '{near}'?"),
            None => Ok(()),
        }
    }
}

/// Checks that each chosen column exists. Returns false if the result has no columns to choose from, so that the choice has no effect.
///
/// # Errors
/// A name that no column of the table or record has.
pub fn check_columns(
    value: &Value,
    view: Option<&View>,
    format: Format,
    style: &Style,
) -> Result<bool, UnknownColumn> {
    if style.columns.is_none() {
        return Ok(true);
    }
    match lines::find_columns(value, view, format) {
        Some((rows, columns)) => {
            // The columns of a table without rows may be unknown.
            let is_known = !columns.is_empty() || !rows.is_empty();
            match is_known {
                true => check(&columns, style).map(|()| true),
                false => Ok(true),
            }
        }
        None => Ok(false),
    }
}

/// Checks that each chosen column is one of these.
pub(crate) fn check(columns: &[Column], style: &Style) -> Result<(), UnknownColumn> {
    let mut chosen = style.columns.iter().flatten();
    match chosen.find(|name| find(columns, name).is_none()) {
        None => Ok(()),
        Some(name) => {
            let (columns, is_near) = list_names(columns, name);
            Err(UnknownColumn {
                name: name.clone(),
                columns,
                is_near,
            })
        }
    }
}

/// Returns the chosen columns in the order of the choice, or all columns if the user chose none. Leaves out names that no column has.
pub(crate) fn choose<'a>(columns: Cow<'a, [Column]>, style: &Style) -> Cow<'a, [Column]> {
    match &style.columns {
        None => columns,
        Some(chosen) => {
            let found = chosen.iter().filter_map(|name| find(&columns, name));
            Cow::Owned(found.cloned().collect())
        }
    }
}

/// Finds a column by the name of its field, and otherwise by its title. Case, blanks, hyphens and underscores don't matter.
fn find<'a>(columns: &'a [Column], name: &str) -> Option<&'a Column> {
    let wanted = fold(name);
    let by_field = columns
        .iter()
        .find(|column| fold(&lines::name(column)) == wanted);
    by_field.or_else(|| columns.iter().find(|column| fold(&column.title) == wanted))
}

fn fold(name: &str) -> String {
    let letters = name.chars().filter(|c| !matches!(c, ' ' | '-' | '_'));
    letters.flat_map(char::to_lowercase).collect()
}

/// Returns the names of the columns, those that are most similar to `name` first, and whether the first one is similar.
fn list_names(columns: &[Column], name: &str) -> (Vec<String>, bool) {
    /// A name of a lower similarity is probably not the one that was meant.
    const SIMILAR: f64 = 0.8;
    let wanted = fold(name);
    let similarity = |column: &Column| {
        let of = |text: &str| strsim::jaro_winkler(&fold(text), &wanted);
        of(&lines::name(column)).max(of(&column.title))
    };
    let mut rated: Vec<(f64, String)> = columns
        .iter()
        .map(|column| (similarity(column), lines::name(column).into_owned()))
        .collect();
    rated.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let best = rated.first();
    let is_near = best.is_some_and(|(similarity, _)| *similarity > SIMILAR);
    (rated.into_iter().map(|(_, name)| name).collect(), is_near)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<Column> {
        let column = |title: &str, field: &str| Column {
            title: title.into(),
            field: field.into(),
            ..Default::default()
        };
        vec![
            column("Workspace ID", "/workspaceId"),
            column("Name", "/workspace/name"),
            column("ID", "/id"),
        ]
    }

    fn choose_names(names: &[&str]) -> Result<Vec<String>, String> {
        let style = Style {
            columns: Some(names.iter().map(|name| (*name).to_owned()).collect()),
            ..Default::default()
        };
        let columns = columns();
        check(&columns, &style).map_err(|error| error.to_string())?;
        let chosen = choose(columns.into(), &style);
        Ok(chosen.iter().map(|column| column.title.clone()).collect())
    }

    #[test]
    fn a_column_is_chosen_by_its_field_or_its_title_in_any_case() {
        let chosen = choose_names(&["id", "NAME", "workspace-id", "Workspace.Name"]);
        assert_eq!(
            chosen.unwrap(),
            ["ID", "Name", "Workspace ID", "Name"].map(str::to_owned)
        );
    }

    #[test]
    fn an_unknown_column_is_reported_with_the_nearest() {
        assert_eq!(
            choose_names(&["id", "nmae\u{1b}"]).unwrap_err(),
            "the result has no column 'nmae␛'; its columns are workspace.name, workspaceId, id; did you mean 'workspace.name'?"
        );
    }
}
