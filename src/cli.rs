//! The command line as typed; nothing is computed here.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

use crate::report::FORMATS;
use crate::rules::Severity;

const EXIT_CODES: &str = "\
Exit codes, whatever the format:
  0  the gate passes
  1  the gate fails
  2  the audit could not run: usage, configuration or rules
  3  incomplete: a gap stands in the way of a verdict";

const LOCK_CODES: &str = "\
Exit codes of --check:
  0  the tree is as somebody approved it
  1  something has changed, is not approved, or there is no lock
  2  the lock cannot be read
  3  nothing has changed as far as known, but not all can be known

Examples:
  plimsoll lock --approved-by ana    pin and approve everything as it is
  plimsoll lock --check              in CI: fail when something has changed";

const FIX_EXAMPLES: &str = "\
Examples:
  plimsoll fix                        change the files, and say what has no fix
  plimsoll fix --diff                 show the changes, and leave the files alone
  plimsoll fix --diff | git apply     take them as a patch
  plimsoll fix --diff > fix.diff && patch -p1 < fix.diff";

const EXAMPLES: &str = "\
Examples:
  plimsoll                                  audit the current folder
  plimsoll services/orders                  audit one folder
  plimsoll --format sarif --output json=plimsoll.json
                                            SARIF on standard output, JSON beside it
  cat .mcp.json | plimsoll - --stdin-name .mcp.json
                                            audit one file from standard input
  plimsoll inventory --format json          servers and tools, without judgement
  plimsoll explain path-traversal           what a check asks and how to fix it
  plimsoll list items                       what the frameworks ask for";

/// Audits MCP servers offline: what every tool can do, which controls stand before its effects, pass or fail.
#[derive(Debug, Parser)]
#[command(name = "plimsoll", version, max_term_width = 100, args_conflicts_with_subcommands = true)]
#[command(after_help = format!("{EXIT_CODES}\n\n{EXAMPLES}"))]
pub struct Cli {
    /// What to do; without one, `audit`.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// How to audit, where no command is given.
    #[command(flatten)]
    pub audit: Audit,
}

/// Commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Audit a tree: findings, the item table, and the exit code (the default)
    #[command(after_help = EXIT_CODES)]
    Audit(Audit),
    /// List servers, tools and what launches and confines them, without judgement
    Inventory(Inventory),
    /// Say what a check, item, control or framework asks, why it matters and how to fix it
    Explain(Explain),
    /// Print the catalogue
    List(List),
    /// Make changes that can only tighten, each proved on a copy in memory first
    #[command(after_help = FIX_EXAMPLES)]
    Fix(Fix),
    /// Pin tools, descriptions, schemas and launched versions in plimsoll.lock, or say what has changed since
    #[command(after_help = LOCK_CODES)]
    Lock(Lock),
    /// Print a published JSON Schema
    Schema {
        /// Which format
        #[arg(value_enum)]
        name: SchemaName,
    },
    /// Print a completion script
    #[command(
        after_help = "Example:\n  plimsoll completions bash > ~/.local/share/bash-completion/completions/plimsoll"
    )]
    Completions {
        /// Which shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    #[command(after_help = "Example:\n  plimsoll man | man -l -")]
    Man,
}

/// What is read, and by which rules.
#[derive(Clone, Debug, Args)]
pub struct Input {
    /// Folders and files to read; several are parts of one tree; `-` reads one file from standard input
    #[arg(value_name = "PATH", default_value = ".", value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,
    /// Name of the file on standard input, which says what it is
    #[arg(long, value_name = "NAME", default_value = "stdin.json")]
    pub stdin_name: String,
    /// Configuration file [default: plimsoll.toml in the first PATH, if it is there]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Folder with further checks and frameworks, in the format of the built-in ones; repeatable
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub rules: Vec<PathBuf>,
    /// Read dependency and build folders and what the configuration excludes as well
    #[arg(long)]
    pub no_ignore: bool,
    /// Number of threads [default: one per processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=512))]
    pub threads: Option<u16>,
}

/// Which tree is fixed, and how that is shown.
#[derive(Clone, Debug, Args)]
pub struct Fix {
    /// What is read.
    #[command(flatten)]
    pub input: Input,
    /// Write nothing; print a unified diff for `patch -p1` or `git apply`, with what it does as comments before it
    #[arg(long)]
    pub diff: bool,
    /// Day that expiry dates are compared with [default: today]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub today: Option<String>,
    /// How output looks.
    #[command(flatten)]
    pub look: Look,
}

/// How output looks.
#[derive(Clone, Debug, Args)]
pub struct Look {
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: ColorWhen,
    /// Print only the line that says what decides
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print what passed, with its evidence, and what was left out as well
    #[arg(short, long)]
    pub verbose: bool,
}

/// `plimsoll audit`.
#[derive(Clone, Debug, Args)]
pub struct Audit {
    /// What is read.
    #[command(flatten)]
    pub input: Input,
    /// Format on standard output
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = formats())]
    pub format: String,
    /// Also write a report to a file, as FORMAT=FILE; repeatable
    #[arg(long, value_name = "FORMAT=FILE", value_parser = output)]
    pub output: Vec<Output>,
    /// Framework that decides, instead of those of the configuration; repeatable
    #[arg(long, value_name = "ID")]
    pub framework: Vec<String>,
    /// Severity from which a finding alone fails the gate [default: high, or the configuration's]
    #[arg(long, value_name = "SEVERITY", value_parser = severity())]
    pub fail_on: Option<Severity>,
    /// Day that expiry dates are compared with, as YYYY-MM-DD [default: today, in UTC]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub today: Option<String>,
    /// How output looks.
    #[command(flatten)]
    pub look: Look,
}

/// `plimsoll inventory`.
#[derive(Clone, Debug, Args)]
pub struct Inventory {
    /// What is read.
    #[command(flatten)]
    pub input: Input,
    /// Format on standard output
    #[arg(long, value_enum, default_value = "human", value_name = "FORMAT")]
    pub format: InventoryFormat,
    /// How output looks.
    #[command(flatten)]
    pub look: Look,
}

/// `plimsoll lock`.
#[derive(Clone, Debug, Args)]
pub struct Lock {
    /// What is read: one folder, which gets the lock.
    #[command(flatten)]
    pub input: Input,
    /// Write nothing: compare the tree with the lock, and set the exit code
    #[arg(long, conflicts_with_all = ["approved_by", "print"])]
    pub check: bool,
    /// Approve in this name everything that is new or has changed
    #[arg(long, value_name = "NAME")]
    pub approved_by: Option<String>,
    /// Print the lock instead of writing it
    #[arg(long)]
    pub print: bool,
    /// Day of the approval, as YYYY-MM-DD [default: today, in UTC]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub today: Option<String>,
    /// How output looks.
    #[command(flatten)]
    pub look: Look,
}

/// `plimsoll explain`.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Examples:\n  plimsoll explain runs-as-root\n  plimsoll explain H3.1\n  plimsoll explain mcp-hardening-18/H3"
)]
pub struct Explain {
    /// Check, item, control or framework; FRAMEWORK/ID where several frameworks share an id
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// Folder with further checks and frameworks; repeatable
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub rules: Vec<PathBuf>,
}

/// `plimsoll list`.
#[derive(Clone, Debug, Args)]
pub struct List {
    /// What to list
    #[arg(value_enum)]
    pub what: Listed,
    /// Format on standard output
    #[arg(long, value_enum, default_value = "table", value_name = "FORMAT")]
    pub format: ListFormat,
    /// Folder with further checks and frameworks; repeatable
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub rules: Vec<PathBuf>,
}

/// A file to write and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Id of a format.
    pub format: String,
    /// The file.
    pub path: PathBuf,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Formats of an inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InventoryFormat {
    /// Grouped by server
    Human,
    /// One line per tool
    Table,
    /// plimsoll/inventory/v1
    Json,
}

/// Formats of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// One line per entry
    Table,
    /// An array of objects
    Json,
    /// The reference of the checks, one entry each
    Markdown,
}

/// Parts of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Listed {
    /// Checks, built and planned
    Checks,
    /// Items of all frameworks, with the checks that witness them
    Items,
    /// Frameworks
    Frameworks,
    /// Calls that are known to do something to the world, by language
    Effects,
    /// Output formats
    Formats,
}

/// Published schemas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaName {
    /// Tool boundary document, plimsoll/boundary/v1
    Boundary,
    /// Configuration, plimsoll.toml
    Config,
    /// What was approved, plimsoll.lock
    Lock,
    /// Result of an audit, plimsoll/report/v1
    Report,
    /// Servers and tools, plimsoll/inventory/v1
    Inventory,
}

fn formats() -> PossibleValuesParser {
    PossibleValuesParser::new(
        FORMATS.iter().map(|format| clap::builder::PossibleValue::new(format.id).help(format.summary)),
    )
}

fn output(text: &str) -> Result<Output, String> {
    let Some((format, path)) = text.split_once('=') else {
        return Err("write it as FORMAT=FILE, for example sarif=plimsoll.sarif".to_owned());
    };
    if crate::report::format(format).is_none() {
        let known: Vec<_> = FORMATS.iter().map(|format| format.id).collect();
        return Err(format!("`{format}` is not a format; known are {}", known.join(", ")));
    }
    match path {
        "" => Err("the file name is missing after `=`".to_owned()),
        "-" => Err("use --format for standard output".to_owned()),
        path => Ok(Output { format: format.to_owned(), path: PathBuf::from(path) }),
    }
}

fn severity() -> impl TypedValueParser<Value = Severity> {
    let all = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    let value = move |text: String| all.into_iter().find(|severity| severity.id() == text).unwrap_or(Severity::Low);
    PossibleValuesParser::new(all.map(Severity::id)).map(value)
}

fn date(text: &str) -> Result<String, String> {
    let parts: Vec<_> = text.split('-').collect();
    let digits = |part: &str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    let [year, month, day] = parts.as_slice() else { return Err("write it as YYYY-MM-DD".to_owned()) };
    if !(digits(year, 4) && digits(month, 2) && digits(day, 2)) {
        return Err("write it as YYYY-MM-DD".to_owned());
    }
    let number = |part: &str| part.parse::<u32>().unwrap_or_default();
    let (year, month, day) = (number(year), number(month), number(day));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return Err(format!("there is no month {month}")),
    };
    if day == 0 || day > days {
        return Err(format!("that month has no day {day}"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split_whitespace())
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn audit_is_what_happens_without_a_command() {
        for line in ["plimsoll services --format json -q", "plimsoll audit services --format json -q"] {
            let cli = parse(line).unwrap();
            let audit = match cli.command {
                Some(Command::Audit(audit)) => audit,
                None => cli.audit,
                Some(other) => panic!("{other:?}"),
            };
            assert_eq!((audit.input.paths[0].to_str(), audit.format.as_str()), (Some("services"), "json"));
            assert!(audit.look.quiet);
        }
    }

    #[test]
    fn what_is_typed_wrong_is_refused() {
        let cases = [
            "plimsoll --format yaml",
            "plimsoll --output sarif",
            "plimsoll --output yaml=x",
            "plimsoll --output json=-",
            "plimsoll --today 2026-02-29",
            "plimsoll --today 21.11.2026",
            "plimsoll --fail-on severe",
            "plimsoll --threads 0",
            "plimsoll list nonsense",
            "plimsoll explain",
            "plimsoll -q -v",
        ];
        for case in cases {
            assert!(parse(case).is_err(), "{case}");
        }
        assert!(parse("plimsoll --today 2028-02-29 --fail-on medium").is_ok());
    }
}
