//! Tables on terminals of every width.
#![cfg(unix)]

use tw_sandbox::{Sandbox, Secret};
use tw_tests::{Terminal, World};

/// Starts a world with a secret of the usual kind, one with a long name, and one with a name of wide characters.
fn start() -> World {
    let long = format!("A_LONG_NAME_{}", "x".repeat(80));
    let mut sandbox = Sandbox::builder().clock("2022-10-05T12:42:21Z");
    for name in ["KEY", &long, "漢字e\u{301}👩\u{200d}💻"] {
        sandbox = sandbox.secret(Secret::new(name, "x"));
    }
    World::with(sandbox)
}

/// Returns the lines of the table that a terminal with this many columns shows.
fn rows(world: &World, columns: u16, line: &[&str]) -> Vec<String> {
    let tw = world.command(line.iter().copied());
    let left = Terminal::start_all_at(tw, columns, 40).ends().exits(0);
    let lines = left.lines().into_iter();
    lines.filter(|line| line.starts_with("    ")).collect()
}

/// Returns the number of terminal columns of a line in which the only wide characters are those of [`start`].
fn width(line: &str) -> usize {
    let line = line.replace("👩\u{200d}💻", "ww").replace('\u{301}', "");
    line.chars()
        .map(|c| if "漢字".contains(c) { 2 } else { 1 })
        .sum()
}

#[test]
fn a_table_is_as_wide_as_the_terminal_at_most() {
    let world = start();
    for columns in [20, 40, 60, 80, 100, 160, 1000] {
        let rows = rows(&world, columns, &["secrets", "list"]);
        assert_eq!(rows.len(), 5, "{rows:#?}");
        let widths: Vec<usize> = rows.iter().map(|row| width(row)).collect();
        assert!(widths.iter().all(|width| *width == widths[0]), "{rows:#?}");
        assert!(widths[0] <= columns.into(), "{columns}: {rows:#?}");
        for (row, id) in rows[2..].iter().zip(["1001", "1002", "1003"]) {
            assert!(row.starts_with(&format!("     {id} | ")), "{rows:#?}");
        }
    }
}

#[test]
fn at_80_columns_dates_are_short_and_a_long_name_is_cut() {
    let world = start();
    assert_eq!(
        rows(&world, 80, &["secrets", "list"]),
        [
            "     ID   | Name                   | Created          | Updated          | Used ",
            "    ------+------------------------+------------------+------------------+------",
            "     1001 | KEY                    | 2022-10-05 12:42 | 2022-10-05 12:42 |      ",
            "     1002 | A_LONG_NAME_xxxxxxxxx… | 2022-10-05 12:42 | 2022-10-05 12:42 |      ",
            "     1003 | 漢字e\u{301}👩\u{200d}💻                | 2022-10-05 12:42 | 2022-10-05 12:42 |      ",
        ]
    );
}

#[test]
fn a_wide_terminal_shows_what_a_pipe_gets() {
    let world = start();
    let piped = world.tw(["secrets", "list"]).exits(0).stdout;
    let piped: Vec<&str> = piped
        .lines()
        .filter(|line| line.starts_with("    "))
        .collect();
    assert_eq!(rows(&world, 1000, &["secrets", "list"]), piped);
    assert_eq!(rows(&world, 40, &["secrets", "list", "--wide"]), piped);
}

#[test]
fn columns_without_room_have_a_mark_in_their_place() {
    let world = start();
    let rows = rows(&world, 40, &["secrets", "list"]);
    assert!(rows[0].ends_with(" | … "), "{rows:#?}");
    assert!(rows[3].contains(" | A_LONG"), "{rows:#?}");
}

#[test]
fn a_record_is_wrapped_and_an_identifier_is_not_broken() {
    let secret = Secret::new(&"two words ".repeat(20), "x").id(9_223_372_036_854_775_807);
    let world = World::with(
        Sandbox::builder()
            .clock("2022-10-05T12:42:21Z")
            .secret(secret),
    );
    let line = ["secrets", "view", "-i", "9223372036854775807"];
    for columns in [20, 40, 80] {
        let rows = rows(&world, columns, &line);
        let id = rows.iter().find(|row| row.starts_with("     ID "));
        assert!(
            id.is_some_and(|row| row.contains(" 9223372036854775807 ")),
            "{rows:#?}"
        );
        let name = rows
            .iter()
            .filter(|row| row.contains("two") || row.contains("words"));
        assert!(name.clone().count() > 1, "{rows:#?}");
        let room = usize::from(columns).max(40);
        assert!(rows.iter().all(|row| row.len() <= room), "{rows:#?}");
    }
}

#[test]
fn a_list_of_plugins_fits_80_columns() {
    let world = start();
    let rows = rows(&world, 80, &["plugin", "list"]);
    assert!(
        rows.len() > 2 && rows.iter().all(|row| width(row) <= 80),
        "{rows:#?}"
    );
    let state = rows.iter().filter(|row| row.contains("| ok "));
    assert_eq!(state.count(), rows.len() - 2, "{rows:#?}");
}
