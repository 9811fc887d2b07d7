//! The `plimsoll` command: the only place that reads the environment and the clock, prints, and sets the exit code.
#![allow(
    clippy::disallowed_methods,
    reason = "this file owns the clock, the environment and the files that are written"
)]

use std::fs;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anstream::{AutoStream, ColorChoice};
use clap::{CommandFactory, Parser};
use plimsoll::assess::{self, Catalogue};
use plimsoll::catalog::list::{list_effects, list_formats};
use plimsoll::cli::{self, Cli, ColorWhen, Command, InventoryFormat, ListFormat, Listed, SchemaName};
use plimsoll::fix::{Change, Purpose};
use plimsoll::mistake::Mistakes;
use plimsoll::report::text::percent_encode;
use plimsoll::report::{self, View, inventory, json};
use plimsoll::rules::load::UserFile;
use plimsoll::{Configuration, Request};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Most bytes taken from standard input.
const STANDARD_INPUT: u64 = 64 << 20;

/// Largest file of the user's own rules or configuration, in bytes.
const OWN_FILE: u64 = 8 << 20;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => ExitCode::from(code),
        Err(mistakes) => {
            let color = AutoStream::choice(&io::stderr()) != ColorChoice::Never;
            // Nobody is left to tell when standard error is closed; the exit code still says it.
            let _ = io::stderr().write_all(mistakes.render(width(), color).as_bytes());
            ExitCode::from(2)
        }
    }
}

fn run(cli: Cli) -> Result<u8, Mistakes> {
    match cli.command.unwrap_or(Command::Audit(cli.audit)) {
        Command::Audit(audit) => run_audit(&audit),
        Command::Inventory(inventory) => run_inventory(&inventory),
        Command::Explain(explain) => run_explain(&explain),
        Command::List(list) => run_list(&list),
        Command::Fix(fix) => run_fix(&fix),
        Command::Lock(lock) => run_lock(&lock),
        Command::Schema { name } => print(&schema(name)),
        Command::Completions { shell } => {
            let mut out = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "plimsoll", &mut out);
            print(&String::from_utf8_lossy(&out))
        }
        Command::Man => print(&manual()?),
    }
}

fn run_audit(audit: &cli::Audit) -> Result<u8, Mistakes> {
    let mut request = request(&audit.input)?;
    request.frameworks = audit.framework.clone();
    request.fail_on = audit.fail_on;
    request.today = audit.today.clone().unwrap_or_else(today);
    let report = with_progress(&audit.look, || plimsoll::audit(&request))?;
    for output in &audit.output {
        let format = report::format(&output.format).expect("the command line accepts known formats only");
        write_file(&output.path, |out| format.write(&report, &View::default(), out)).map_err(|error| {
            Mistakes::plain(
                format!("`{}` cannot be written: {error}", output.path.display()),
                "check the folder and its rights",
            )
        })?;
    }
    let format = report::format(&audit.format).expect("the command line accepts known formats only");
    let view = view(&audit.look, &audit.input);
    match format.is_plain {
        true => printed(format.write(&report, &view, &mut io::stdout().lock()))?,
        false => print_as(&format.render(&report, &view), audit.look.color)?,
    };
    let code = report.assessment.verdict.exit_code();
    // The process ends here, and all its memory with it.
    std::mem::forget(report);
    Ok(code)
}

fn run_inventory(inventory: &cli::Inventory) -> Result<u8, Mistakes> {
    let request = request(&inventory.input)?;
    let report = with_progress(&inventory.look, || plimsoll::inventory(&request))?;
    let view = view(&inventory.look, &inventory.input);
    let text = match inventory.format {
        InventoryFormat::Human => inventory::human(&report, &view),
        InventoryFormat::Table => inventory::table(&report),
        InventoryFormat::Json => json::inventory(&report),
    };
    print_as(&report.veil.over(text), inventory.look.color)
}

fn run_fix(fix: &cli::Fix) -> Result<u8, Mistakes> {
    let mut request = request(&fix.input)?;
    request.today = fix.today.clone().unwrap_or_else(today);
    if fix.diff {
        let fixes = with_progress(&fix.look, || plimsoll::fix(&request, Purpose::Show))?;
        // A diff is for another program: no colours, whatever is asked for.
        return print(&fixes.offered());
    }
    let root = match fix.input.paths.as_slice() {
        [root] if root.is_file() => root.parent().unwrap_or(Path::new("")),
        [root] if root.is_dir() => root.as_path(),
        _ => {
            return Err(Mistakes::plain(
                "what is to be written has no one place",
                "name one folder or file, or take the changes from `plimsoll fix --diff`",
            ));
        }
    };
    let fixes = with_progress(&fix.look, || plimsoll::fix(&request, Purpose::Write))?;
    for (path, change) in &fixes.changes {
        write_change(&root.join(path), change)?;
    }
    print_as(&fixes.written(), fix.look.color)
}

/// Puts the fixed text in the place of the one that was judged, and of no other.
fn write_change(path: &Path, change: &Change) -> Result<(), Mistakes> {
    let failed = |error: io::Error| {
        Mistakes::plain(format!("`{}` cannot be changed: {error}", path.display()), "check the file and its rights")
    };
    let is_link = fs::symlink_metadata(path).map_err(failed)?.is_symlink();
    if is_link || fs::read(path).map_err(failed)? != change.before.as_bytes() {
        return Err(Mistakes::plain(
            format!("`{}` is not the file any more that was judged", path.display()),
            "run `plimsoll fix` again; files before it in the order of paths are written",
        ));
    }
    write_file(path, |out| out.write_all(change.after.as_bytes())).map_err(failed)
}

fn run_lock(lock: &cli::Lock) -> Result<u8, Mistakes> {
    let [root] = lock.input.paths.as_slice() else {
        return Err(Mistakes::plain("several paths are given", "a lock speaks for one folder; name that one"));
    };
    if !root.is_dir() {
        return Err(Mistakes::plain(
            format!("`{}` is no folder", root.display()),
            "a lock stands in a folder and speaks for all below it",
        ));
    }
    let mut request = request(&lock.input)?;
    request.today = lock.today.clone().unwrap_or_else(today);
    let renewal = with_progress(&lock.look, || plimsoll::lock(&request, lock.approved_by.as_deref()))?;
    if lock.print {
        return print_as(&renewal.text, lock.look.color);
    }
    if !lock.check {
        let path = root.join(plimsoll::lock::NAME);
        write_file(&path, |out| out.write_all(renewal.text.as_bytes())).map_err(|error| {
            Mistakes::plain(
                format!("`{}` cannot be written: {error}", path.display()),
                "check the folder and its rights",
            )
        })?;
    }
    print_as(&renewal.told(lock.check, lock.look.quiet), lock.look.color)?;
    Ok(if lock.check { renewal.exit_code() } else { 0 })
}

fn run_explain(explain: &cli::Explain) -> Result<u8, Mistakes> {
    let catalog = catalog(&explain.rules)?;
    let view =
        View { width: width(), color: AutoStream::choice(&io::stdout()) != ColorChoice::Never, ..View::default() };
    let mut pages = Vec::new();
    for id in &explain.ids {
        let Some(page) = catalog.explain(id, &view) else {
            let near = catalog.suggest(id);
            let help = match near.as_slice() {
                [] => "`plimsoll list checks` and `plimsoll list items` show what there is".to_owned(),
                near => format!("did you mean {}?", near.join(", ")),
            };
            return Err(Mistakes::plain(format!("there is no check, item, control or framework `{id}`"), help));
        };
        pages.push(page);
    }
    print_as(&pages.join("\n"), ColorWhen::Auto)
}

fn run_list(listed: &cli::List) -> Result<u8, Mistakes> {
    let as_json = listed.format == ListFormat::Json;
    let catalog = || catalog(&listed.rules);
    if listed.format == ListFormat::Markdown {
        return match listed.what {
            Listed::Checks => print(&catalog()?.reference()),
            _ => Err(Mistakes::plain("only the checks are printed as Markdown", "use `--format json` or `table`")),
        };
    }
    print(&match listed.what {
        Listed::Checks => catalog()?.list_checks(as_json),
        Listed::Items => catalog()?.list_items(as_json),
        Listed::Frameworks => catalog()?.list_frameworks(as_json),
        Listed::Effects => list_effects(as_json),
        Listed::Formats => list_formats(as_json),
    })
}

fn catalog(folders: &[PathBuf]) -> Result<Catalogue, Mistakes> {
    assess::catalogue(&user_rules(folders)?)
}

fn schema(name: SchemaName) -> String {
    match name {
        SchemaName::Boundary => include_str!("../schemas/boundary.schema.json").to_owned(),
        SchemaName::Config => plimsoll::config::schema::schema(),
        SchemaName::Lock => plimsoll::lock::schema::schema(),
        SchemaName::Report => json::schema(),
        SchemaName::Inventory => json::inventory_schema(),
    }
}

fn manual() -> Result<String, Mistakes> {
    let mut out = Vec::new();
    let man = clap_mangen::Man::new(Cli::command());
    man.render(&mut out).map_err(|error| Mistakes::plain(format!("the manual cannot be printed: {error}"), ""))?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

fn request(input: &cli::Input) -> Result<Request, Mistakes> {
    let mut request = Request { roots: input.paths.clone(), ..Request::new(".") };
    if input.paths.iter().any(|path| path.as_os_str() == "-") {
        if input.paths.len() > 1 {
            return Err(Mistakes::plain("`-` stands beside other paths", "standard input is read alone"));
        }
        request.text = Some((input.stdin_name.clone(), standard_input()?));
    }
    request.rules = user_rules(&input.rules)?;
    request.configuration = configuration(input)?;
    request.read_everything = input.no_ignore;
    request.threads = input.threads.map(usize::from);
    Ok(request)
}

fn standard_input() -> Result<Vec<u8>, Mistakes> {
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(STANDARD_INPUT + 1).read_to_end(&mut bytes);
    read.map_err(|error| Mistakes::plain(format!("standard input cannot be read: {error}"), ""))?;
    if bytes.len() as u64 > STANDARD_INPUT {
        return Err(Mistakes::plain(
            "standard input holds more than 64 MiB",
            "`-` reads one file; name a folder instead",
        ));
    }
    Ok(bytes)
}

/// The file named, else `plimsoll.toml` in the audited folder.
fn configuration(input: &cli::Input) -> Result<Option<Configuration>, Mistakes> {
    let first = input.paths.first().map_or(Path::new("."), PathBuf::as_path);
    let path = match &input.config {
        Some(path) => path.clone(),
        None => match first.join("plimsoll.toml") {
            path if path.is_file() => path,
            _ => return Ok(None),
        },
    };
    let text = read_own(&path)?;
    let inside = path.strip_prefix(first).unwrap_or(&path);
    Ok(Some(Configuration { path: slashes(inside), text }))
}

/// Every rule file below the folders, in path order.
fn user_rules(folders: &[PathBuf]) -> Result<Vec<UserFile>, Mistakes> {
    let mut files = Vec::new();
    for folder in folders {
        if !folder.is_dir() {
            return Err(Mistakes::plain(
                format!("there is no folder `{}`", folder.display()),
                "--rules takes a folder with checks/ or frameworks/ in it",
            ));
        }
        for entry in walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten() {
            let extension = entry.path().extension().and_then(|extension| extension.to_str());
            if entry.file_type().is_file() && matches!(extension, Some("yml" | "yaml")) {
                let inside = entry.path().strip_prefix(folder).unwrap_or(entry.path());
                files.push(UserFile { path: slashes(inside), text: read_own(entry.path())? });
            }
        }
    }
    Ok(files)
}

fn read_own(path: &Path) -> Result<String, Mistakes> {
    let failed = |error: io::Error| Mistakes::plain(format!("`{}` cannot be read: {error}", path.display()), "");
    let size = fs::metadata(path).map_err(failed)?.len();
    if size > OWN_FILE {
        return Err(Mistakes::plain(
            format!("`{}` is larger than 8 MiB", path.display()),
            "rules and configuration are short texts",
        ));
    }
    fs::read_to_string(path).map_err(failed)
}

fn slashes(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn view(look: &cli::Look, input: &cli::Input) -> View {
    let terminal = io::stdout().is_terminal();
    // Places are relative to one folder; with several paths that folder is not among them.
    let root = match input.paths.as_slice() {
        [path] => fs::canonicalize(path).ok(),
        _ => None,
    };
    let root = root.and_then(|path| if path.is_file() { path.parent().map(Path::to_path_buf) } else { Some(path) });
    let color = wants_color(look.color);
    let links = root
        .filter(|_| terminal && color)
        .map(|root| format!("file://{}/", percent_encode(&slashes(&root).replacen("//", "/", 1))));
    View { width: width(), color, links, verbose: look.verbose, quiet: look.quiet }
}

fn wants_color(when: ColorWhen) -> bool {
    match when {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto => AutoStream::choice(&io::stdout()) != ColorChoice::Never,
    }
}

/// Columns of the terminal, 100 where there is none.
fn width() -> usize {
    let terminal = io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
    terminal.map_or(100, |(width, _)| usize::from(width.0).clamp(60, 160))
}

/// The day in UTC as `YYYY-MM-DD`; `SOURCE_DATE_EPOCH` says another one for reproducible reports.
fn today() -> String {
    let asked = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.parse().ok());
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let seconds: u64 = asked.unwrap_or_else(now);
    day(seconds / 86_400)
}

/// The civil date of a day counted from 1970-01-01, by eras of 400 years that start in March.
fn day(days: u64) -> String {
    let days = days.min(2_900_000) + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Runs the work, with a line on a terminal once it takes long.
fn with_progress<T>(look: &cli::Look, work: impl FnOnce() -> T) -> T {
    if look.quiet || !io::stderr().is_terminal() {
        return work();
    }
    let (done, waiting) = mpsc::channel::<()>();
    let ticker = std::thread::spawn(move || {
        let mut waited = Duration::from_secs(1);
        let mut shown = false;
        while waiting.recv_timeout(Duration::from_secs(1)) == Err(mpsc::RecvTimeoutError::Timeout) {
            let _ = write!(io::stderr(), "\rplimsoll: reading and judging, {} s", waited.as_secs());
            waited += Duration::from_secs(1);
            shown = true;
        }
        if shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    });
    let result = work();
    drop(done);
    let _ = ticker.join();
    result
}

fn print(text: &str) -> Result<u8, Mistakes> {
    print_as(text, ColorWhen::Auto)
}

fn print_as(text: &str, color: ColorWhen) -> Result<u8, Mistakes> {
    let is_plain = !text.bytes().any(|byte| byte.is_ascii_control() && !matches!(byte, b'\n' | b'\r' | b'\t'));
    // Where there is nothing to strip, megabytes need not be looked through for it sign by sign.
    let choice = if is_plain || wants_color(color) { ColorChoice::Always } else { ColorChoice::Never };
    let mut out = AutoStream::new(io::stdout().lock(), choice);
    printed(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// What became of printing.
fn printed(result: io::Result<()>) -> Result<u8, Mistakes> {
    match result {
        // Whoever read it has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(0),
        Err(error) => Err(Mistakes::plain(format!("standard output cannot be written: {error}"), "")),
        Ok(()) => Ok(0),
    }
}

/// Writes a file in one step: what reads it sees the old text or the new one, never half of it.
fn write_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    if fs::metadata(&path).is_ok_and(|found| !found.is_file()) {
        return write(&mut fs::OpenOptions::new().write(true).open(&path)?);
    }
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&beside)?;
    // What replaces a file is readable to those alone that could read it.
    let rights = fs::metadata(&path).map_or(Ok(()), |found| file.set_permissions(found.permissions()));
    let written =
        rights.and_then(|()| write(&mut file)).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&beside, &path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_civil_dates() {
        let cases = [
            (0, "1970-01-01"),
            (59, "1970-03-01"),
            (11_016, "2000-02-29"),
            (20_778, "2026-11-21"),
            (24_836, "2037-12-31"),
        ];
        for (days, expected) in cases {
            assert_eq!(day(days), expected);
        }
    }
}
