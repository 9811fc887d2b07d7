//! Credentials by the shape that their provider gives them.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use regex::Regex;
use serde::Deserialize;

use super::entropy;
use super::placeholder::{is_placeholder, is_public, is_sample};
use crate::embedded;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    shapes: Vec<Row>,
    names: Vec<String>,
    about: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    #[serde(rename = "title")]
    _title: String,
    near: Vec<String>,
    pattern: String,
    entropy: f64,
    certainty: Option<String>,
}

/// One shape.
pub struct Shape {
    /// Its id.
    pub id: String,
    /// `high` or `medium`.
    pub certainty: String,
    pattern: Regex,
    entropy: f64,
}

/// The table of shapes and names.
pub struct Shapes {
    near: AhoCorasick,
    /// Which shape each literal of `near` belongs to.
    owner: Vec<usize>,
    shapes: Vec<Shape>,
    /// Parts of names that name a credential, as lower-case words.
    pub names: Vec<Vec<String>>,
    /// Last parts of names that only speak about one.
    pub about: Vec<Vec<String>>,
}

/// The built-in table.
pub static SHAPES: LazyLock<Shapes> = LazyLock::new(|| {
    let text = embedded::text("phrases/secret-shapes.yml").expect("the table is embedded");
    let table: Table = serde_yaml::from_str(text).expect("the built-in table is valid");
    let words = |list: Vec<String>| list.iter().map(|name| name.split(' ').map(str::to_string).collect()).collect();
    let near: Vec<&String> = table.shapes.iter().flat_map(|row| &row.near).collect();
    let owner = table.shapes.iter().enumerate().flat_map(|(at, row)| row.near.iter().map(move |_| at)).collect();
    let near = AhoCorasick::new(near).expect("few and short literals");
    let shape = |row: Row| Shape {
        pattern: Regex::new(&row.pattern).expect("the built-in patterns are valid"),
        certainty: row.certainty.unwrap_or_else(|| "high".into()),
        id: row.id,
        entropy: row.entropy,
    };
    Shapes {
        near,
        owner,
        shapes: table.shapes.into_iter().map(shape).collect(),
        names: words(table.names),
        about: words(table.about),
    }
});

/// A credential that was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// First byte in the text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Id of the shape, or `assignment`.
    pub shape: String,
    /// `high` or `medium`.
    pub certainty: String,
}

impl Shapes {
    /// Every credential of a known shape in a text, by place.
    pub fn find(&self, text: &str) -> Vec<Found> {
        let near: BTreeSet<usize> =
            self.near.find_overlapping_iter(text).map(|hit| self.owner[hit.pattern().as_usize()]).collect();
        let mut found: Vec<Found> = near.into_iter().flat_map(|at| self.shapes[at].find(text)).collect();
        found.sort();
        let mut end = 0;
        found.retain(|hit| {
            let is_new = hit.start >= end;
            end = end.max(hit.end);
            is_new
        });
        found
    }
}

impl Shape {
    fn find(&self, text: &str) -> Vec<Found> {
        let mut found = Vec::new();
        for captures in self.pattern.captures_iter(text) {
            let Some(hit) = captures.name("secret").or_else(|| captures.get(0)) else { continue };
            let is_url = self.id.contains("url");
            let whole = captures.get(0).map_or("", |whole| whole.as_str());
            let is_dud =
                if is_url { is_placeholder(hit.as_str()) } else { is_sample(hit.as_str()) } || is_public(whole);
            if is_dud || entropy(hit.as_str()) < self.entropy || (is_url && is_code(hit.as_str())) {
                continue;
            }
            let (shape, certainty) = (self.id.clone(), self.certainty.clone());
            found.push(Found { start: hit.start(), end: hit.end(), shape, certainty });
        }
        found
    }
}

/// A password in a URL that is put together at run time: `{password}`, `%s`, `" + password`.
fn is_code(password: &str) -> bool {
    password.contains(['{', '}', '$', '%', '(', ')', '[', ']', '\\', '*', '…', ' ', ','])
}
