//! `docs/compatibility.md` says of each row what the gallery's tests make sure of, and of each wall something.

use std::collections::BTreeMap;

use authloop_testkit::gallery::{
    rows::{self, Way},
    walls,
};

/// What the page says: name to desk and phone.
fn told() -> BTreeMap<&'static str, (&'static str, &'static str)> {
    let page = include_str!("../../docs/compatibility.md");
    let rows = page.lines().filter_map(|line| {
        let (name, rest) = line.strip_prefix("| `")?.split_once("` | ")?;
        let mut cells = rest.split(" | ");
        Some((name, (cells.next()?, cells.next()?)))
    });
    let told: Vec<_> = rows.collect();
    let count = told.len();
    let told = BTreeMap::from_iter(told);
    assert_eq!(told.len(), count, "no row stands there twice");
    told
}

fn word(way: Way) -> &'static str {
    match way {
        Way::Passes(_) => "yes",
        Way::Nothing(_) => "–",
    }
}

#[test]
fn each_row_is_told_as_it_is() {
    let known: BTreeMap<_, _> = rows::all()
        .map(|row| (row.name, (word(row.desktop), word(row.phone))))
        .collect();
    assert_eq!(told(), known);
    assert_eq!(rows::all().count(), known.len(), "no name is taken twice");
}

#[test]
fn each_row_has_a_wall_and_each_wall_a_row() {
    for row in rows::all() {
        assert!(walls::find(row.wall).is_some(), "{}", row.wall);
    }
    for wall in walls::GROUPS.iter().flat_map(|group| group.walls) {
        let has_row = rows::all().any(|row| row.wall == wall.path);
        assert!(has_row, "{}", wall.path);
    }
}
