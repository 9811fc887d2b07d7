//! Which values are the environment of the process, and which functions read a variable of it, by whatever names a file
//! brings them in.

use crate::code::{ImportItem, Language, Name, ValueId, ValueKind};
use crate::flow::meaning::value_in;
use crate::flow::scope::Bound;
use crate::flow::{Flow, ValueRef};

/// Whether a value is the whole environment.
pub(crate) fn is_environment(flow: &Flow, value: ValueRef) -> bool {
    let text = flow.sources.slice(flow.span(value));
    if matches!(text, "process.env" | "os.environ" | "environ" | "Deno.env" | "Bun.env") {
        return true;
    }
    let of = |id: ValueId| value_in(value.module, id);
    match flow.kind(value) {
        ValueKind::Name(name) => match brought_in(flow, value, name) {
            Some((module, Some(item))) => is_member(module, item),
            _ => false,
        },
        ValueKind::Field { base, name } => is_of(flow, of(*base), name),
        ValueKind::Index { base, key } => match flow.kind(of(*key)) {
            ValueKind::Text(name) => is_of(flow, of(*base), name),
            _ => false,
        },
        _ => false,
    }
}

/// Whether a function reads the variable whose name it is given first.
pub(crate) fn reads_environment(flow: &Flow, callee: ValueRef) -> bool {
    if is_reader(flow.sources.slice(flow.span(callee))) {
        return true;
    }
    match flow.kind(callee) {
        ValueKind::Name(name) => match brought_in(flow, callee, name) {
            Some((module, Some(item))) => is_reader_of(module, item),
            Some(_) => false,
            None => flow.module(callee).language == Language::Go && is_bound_to_reader(flow, callee, name),
        },
        ValueKind::Field { base, name } => {
            let base = value_in(callee.module, *base);
            match flow.kind(base) {
                _ if name == "get" => is_environment(flow, base),
                ValueKind::Name(holder) if READERS.contains(&name.as_str()) => match brought_in(flow, base, holder) {
                    Some((module, None)) => is_reader_of(module, name),
                    Some((module, Some(item))) => is_reader_of(&format!("{module}::{item}"), name),
                    None => false,
                },
                _ => false,
            }
        }
        _ => false,
    }
}

/// Functions as they are written where nothing renames them.
fn is_reader(text: &str) -> bool {
    matches!(
        text,
        "os.getenv"
            | "getenv"
            | "os.getenvb"
            | "os.environ.get"
            | "environ.get"
            | "os.Getenv"
            | "os.LookupEnv"
            | "syscall.Getenv"
            | "env::var"
            | "env::var_os"
            | "std::env::var"
            | "std::env::var_os"
            | "dotenvy::var"
            | "dotenv::var"
            | "Deno.env.get"
    )
}

/// The last words of such functions.
const READERS: &[&str] = &["getenv", "getenvb", "Getenv", "LookupEnv", "var", "var_os"];

fn is_reader_of(module: &str, item: &str) -> bool {
    match module {
        "os" => matches!(item, "getenv" | "getenvb" | "Getenv" | "LookupEnv"),
        "syscall" => item == "Getenv",
        "std::env" => matches!(item, "var" | "var_os"),
        "dotenvy" | "dotenv" => item == "var",
        _ => false,
    }
}

/// `get := os.Getenv`.
fn is_bound_to_reader(flow: &Flow, at: ValueRef, name: &Name) -> bool {
    let Some((_, bindings)) = flow.bindings_around(at, name) else { return false };
    bindings.iter().take(4).any(|binding| match binding.bound {
        Bound::Value(value) if binding.path.is_empty() => {
            is_reader(flow.sources.slice(flow.span(value_in(at.module, value))))
        }
        _ => false,
    })
}

/// Whether a member of a value is the environment: `proc.env` after `import proc from "node:process"`.
fn is_of(flow: &Flow, base: ValueRef, member: &str) -> bool {
    if !matches!(member, "env" | "environ" | "environb") {
        return false;
    }
    match flow.sources.slice(flow.span(base)) {
        "process" | "globalThis.process" | "global.process" => return member == "env",
        "os" => return member == "environ" || member == "environb",
        _ => {}
    }
    let ValueKind::Name(name) = flow.kind(base) else { return false };
    match brought_in(flow, base, name) {
        Some((module, None)) => is_member(module, member),
        Some((module, Some(item))) => item == "default" && is_member(module, member),
        None => false,
    }
}

fn is_member(module: &str, item: &str) -> bool {
    match module {
        "process" | "node:process" => item == "env",
        "os" => matches!(item, "environ" | "environb"),
        _ => false,
    }
}

/// Imports of a file up to which all of them are looked through for each name.
const FEW_IMPORTS: usize = 64;

/// The module that a name was imported from, and which of its members, where it is not the module itself; nothing for
/// modules that have nothing to do with the environment. It is asked of every name, so the list of imports comes first.
fn brought_in<'f>(flow: &'f Flow, at: ValueRef, name: &Name) -> Option<(&'f str, Option<&'f str>)> {
    const MODULES: &[&str] = &["process", "node:process", "os", "syscall", "std", "std::env", "dotenvy", "dotenv"];
    let imports = &flow.module(at).imports;
    if imports.len() <= FEW_IMPORTS {
        imports.iter().find(|one| one.local == *name && MODULES.contains(&one.module.as_str()))?;
    }
    let (_, bindings) = flow.bindings_around(at, name)?;
    let import = bindings.iter().find_map(|binding| match binding.bound {
        Bound::Import(import) if binding.path.is_empty() => Some(import),
        _ => None,
    })?;
    let import = imports.get(import).filter(|one| MODULES.contains(&one.module.as_str()))?;
    match &import.item {
        ImportItem::Module => Some((&import.module, None)),
        ImportItem::Name(item) => Some((&import.module, Some(item))),
        ImportItem::All => None,
    }
}
