//! What stands before a web transport: whether a foreign Host or Origin is refused, and whether callers must say who they are.
//!
//! What the SDK's own calls say counts first, then what the SDK does by itself in this version, then the guards that the
//! tree's code attaches. A guard that is only defined is none; one that is attached under a condition is not one for
//! sure; and where something is attached that is not known, nothing is said.

use std::collections::BTreeMap;

use crate::code::Language;
use crate::extract::tools::behaviour::{self, Does};
use crate::extract::tools::package_root;
use crate::extract::tools::sdk::{Sdks, ServerKind};
use crate::extract::versions::Versions;
use crate::flow::effects::Effects;
use crate::flow::{Flow, ModuleId, ValueRef};
use crate::load::Loaded;
use crate::model::server::{Listener, Setting};
use crate::model::{Known, Note};
use crate::source::Span;

use self::known::Checks;

mod attach;
mod chain;
mod express;
mod generated;
mod guard;
pub mod known;
pub mod own;
mod passage;
mod route;
mod twin;
mod verifier;
mod way;
mod when;

/// Said of a guard that some requests get past.
const WITH_HOLE: &str = "what stands before it lets requests on that it has held against nothing";
const GETS_ON: &str = "a request gets on here that was held against nothing";
const SERVED_BARE: &str = "it is served here without what is attached elsewhere";
const FURTHER_IN: &str = "depends on a guard that is asked further in, on the way of some calls";
const LATER: &str = "depends on when the function is called that attaches a guard before it";
const NOT_FOLLOWED: &str = "depends on a test of the guard before it, whose answer is not known";

/// What is known of one check before a transport.
#[derive(Clone, Debug)]
pub(crate) enum Verdict {
    /// Every request meets it.
    Yes(String, Vec<Note>),
    /// It is only there where something is set.
    Sometimes(String, Vec<Note>),
    /// Not known.
    Unknown(String, Span),
    /// Some request does not meet it.
    No(String, Vec<Note>),
}

/// Everything that judging a listener needs.
pub(crate) struct Before<'a> {
    pub(crate) flow: &'a Flow<'a>,
    pub(crate) loaded: &'a Loaded,
    pub(crate) known: known::Known,
    pub(crate) effects: &'static Effects,
    pub(crate) guards: Vec<guard::Guard>,
    /// Places that read a credential without refusing anything there.
    pub(crate) read: Vec<ValueRef>,
    /// Every module that counts, with the folder of its package.
    pub(crate) roots: BTreeMap<ModuleId, String>,
}

/// Fills in what stands before each listener.
pub fn judge(
    loaded: &Loaded,
    flow: &Flow,
    sdks: &Sdks,
    versions: &Versions,
    live: &[ModuleId],
    all: &mut [&mut Listener],
) {
    if !all.iter().any(|listener| is_web(listener)) {
        return;
    }
    let (guards, read) = guard::find(flow, live);
    let root = |id: &ModuleId| (*id, package_root(loaded, Span::new(flow.program.module(*id).source, 0, 0)));
    let roots = live.iter().map(root).collect();
    let before =
        Before { flow, loaded, known: known::Known::built_in(), effects: Effects::built_in(), guards, read, roots };
    for listener in all.iter_mut().filter(|listener| is_web(listener)) {
        let root = package_root(loaded, listener.opened);
        let credentials = match listener.settings.authentication {
            Setting::Unset | Setting::Off(_) => before.guarded(listener, &root, Checks::Credentials),
            set => {
                let asked = before.verified(of_setting(set, "the SDK asks for a credential", Checks::Credentials), set);
                before.or_guarded(asked, listener, &root)
            }
        };
        let (own, by_address) = of_sdk(sdks, versions, listener, &root);
        listener.settings.by_address = by_address;
        let host = match own {
            Verdict::No(text, notes) => match before.guarded(listener, &root, Checks::Host) {
                Verdict::No(_, more) => Verdict::No(text, notes.into_iter().chain(more).collect()),
                guarded => guarded,
            },
            Verdict::Sometimes(text, notes) => match before.guarded(listener, &root, Checks::Host) {
                Verdict::No(..) | Verdict::Sometimes(..) => Verdict::Sometimes(text, notes),
                guarded => guarded,
            },
            known => known,
        };
        let host = with_credentials(host, &credentials);
        let credentials = before.softened(credentials, listener, &root);
        (listener.host_checked, listener.host_check, listener.host_notes) = told(host, listener.opened);
        (listener.authenticated, listener.authentication, listener.auth_notes) = told(credentials, listener.opened);
    }
}

fn is_web(listener: &Listener) -> bool {
    listener.transport != "stdio"
}

fn of_setting(setting: Setting, what: &str, checks: Checks) -> Verdict {
    match setting {
        Setting::On(span) => Verdict::Yes(what.to_string(), vec![Note::new(span, what)]),
        Setting::Sometimes(span) => {
            Verdict::Sometimes(checks.sometimes().to_string(), vec![Note::new(span, "it may be nothing")])
        }
        Setting::Unknown(span) => {
            Verdict::Unknown("is set to something that is only known at run time".to_string(), span)
        }
        Setting::Unset => Verdict::No(String::new(), Vec::new()),
        Setting::Off(span) => {
            Verdict::No("is switched off".to_string(), vec![Note::new(span, "it is switched off here")])
        }
    }
}

/// What the SDK does about Host and Origin, told or by itself; and what is to be said should the address turn out to be
/// another than loopback, where that is why it checks.
fn of_sdk(sdks: &Sdks, versions: &Versions, listener: &Listener, root: &str) -> (Verdict, Option<String>) {
    let settings = &listener.settings;
    if settings.host_check != Setting::Unset {
        return (of_setting(settings.host_check, "the SDK checks Host and Origin", Checks::Host), None);
    }
    let unknown = |why: &str| (Verdict::Unknown(why.to_string(), listener.opened), None);
    let Some((id, position)) = &settings.table else { return unknown("is a matter of an SDK that is not known") };
    let Some(table) = sdks.all.iter().find(|table| table.id == *id) else { return unknown("is not known") };
    let kind: Option<&ServerKind> = table.servers.get(*position);
    let Some(kind) = kind else { return unknown("is not known") };
    let used = behaviour::used(versions, table, kind, root);
    let (package, range) = used.map_or((kind.package.as_str(), None), |(package, used)| (package, used.range.as_ref()));
    let by_itself = |does: &str| match does {
        "always" => {
            let text = format!("`{package}` refuses hosts that are not loopback by itself");
            Verdict::Yes(text.clone(), vec![Note::new(listener.opened, text)])
        }
        "on-loopback" => on_loopback(listener, package, table.language == "python"),
        _ => {
            let options = settings.options.map(|span| Note::new(span, "these options leave it at the default"));
            Verdict::No(format!("`{package}` checks neither by itself in this version"), options.into_iter().collect())
        }
    };
    match table.does(&settings.matter, package, range) {
        Does::This(does) => {
            let verdict = by_itself(&does);
            let is_by_address = does == "on-loopback" && matches!(verdict, Verdict::Yes(..));
            (verdict, is_by_address.then(|| loopback_only(package)))
        }
        Does::Unknown(all, why) => {
            // What no version that may be installed checks is not checked.
            let mut verdicts: Vec<Verdict> = all.iter().map(|does| by_itself(does)).collect();
            let is_settled = verdicts.iter().all(|verdict| matches!(verdict, Verdict::No(..)));
            verdicts.pop().filter(|_| is_settled).map_or_else(|| unknown(&why), |verdict| (verdict, None))
        }
        Does::Unsaid => unknown("is a matter that is not known of this SDK"),
    }
}

fn loopback_only(package: &str) -> String {
    format!("`{package}` checks Host on loopback only")
}

/// The SDK checks where it is made for a loopback address; in Python that is the address the server is told, or the default.
fn on_loopback(listener: &Listener, package: &str, is_told: bool) -> Verdict {
    let host = if is_told { &listener.settings.default_host } else { &listener.host };
    match host {
        Known::Is(host) if is_loopback(&host.value) => {
            let text = format!("`{package}` checks Host where it listens on loopback");
            Verdict::Yes(text.clone(), vec![Note::new(host.span, text)])
        }
        Known::Is(host) => {
            let text = loopback_only(package);
            Verdict::No(text.clone(), vec![Note::new(host.span, text)])
        }
        Known::Absent if is_told => {
            let text = format!("`{package}` checks Host unless it is told another address than loopback");
            Verdict::Yes(text.clone(), vec![Note::new(listener.opened, text)])
        }
        Known::Absent => Verdict::Unknown("depends on the address, which is not bound here".into(), listener.opened),
        Known::Unknown(unknown) => {
            Verdict::Unknown("depends on the address, which is only known at run time".into(), unknown.span)
        }
    }
}

/// Whether an address is this machine only.
pub fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "::1" | "[::1]") || host.starts_with("127.")
}

/// A page that rebinds its name cannot bring a credential along, where one is asked for with nothing set.
fn with_credentials(host: Verdict, credentials: &Verdict) -> Verdict {
    match (&host, credentials) {
        (Verdict::No(..) | Verdict::Sometimes(..), Verdict::Yes(_, notes)) => Verdict::Yes(
            "every request must carry a credential, which a foreign page does not have".into(),
            notes.clone(),
        ),
        (Verdict::No(..) | Verdict::Sometimes(..), Verdict::Unknown(why, span)) => Verdict::Unknown(why.clone(), *span),
        _ => host,
    }
}

fn told(verdict: Verdict, place: Span) -> (Known<bool>, String, Vec<Note>) {
    match verdict {
        Verdict::Yes(text, notes) => (Known::is(true, place), text, notes),
        Verdict::No(text, notes) | Verdict::Sometimes(text, notes) => (Known::is(false, place), text, notes),
        Verdict::Unknown(why, span) => (Known::unknown(why, span), String::new(), Vec::new()),
    }
}

impl Before<'_> {
    /// What the guards of the tree do before a listener.
    fn guarded(&self, listener: &Listener, root: &str, checks: Checks) -> Verdict {
        let module = self.loaded.program.by_source.get(&listener.opened.source).copied();
        let Some(module) = module else { return Verdict::Unknown("is not known here".into(), listener.opened) };
        let live: Vec<ModuleId> = self.roots.iter().filter(|(_, of)| *of == root).map(|(module, _)| *module).collect();
        match self.flow.program.module(module).language {
            Language::TypeScript => self.before_routes(listener, &live, checks),
            _ => self.attached_in(listener, &live, checks),
        }
    }

    /// Where the SDK asks for a credential only if something is set, guards of the tree may ask for one whatever is set.
    fn or_guarded(&self, asked: Verdict, listener: &Listener, root: &str) -> Verdict {
        if !matches!(asked, Verdict::Sometimes(..)) {
            return asked;
        }
        match self.guarded(listener, root, Checks::Credentials) {
            Verdict::Yes(text, notes) => Verdict::Yes(text, notes),
            Verdict::No(hole, notes) if !hole.is_empty() => Verdict::No(hole, notes),
            _ => asked,
        }
    }

    /// A credential that is read further in leaves it open whether callers authenticate. Host and Origin it does not answer for.
    fn softened(&self, credentials: Verdict, listener: &Listener, root: &str) -> Verdict {
        let here = |value: &&ValueRef| self.roots.get(&value.module).is_some_and(|of| of == root);
        let read: Vec<ValueRef> = self.read.iter().filter(here).copied().collect();
        if !matches!(credentials, Verdict::No(..)) || read.is_empty() {
            return credentials;
        }
        let live: Vec<ModuleId> = self.roots.iter().filter(|(_, of)| *of == root).map(|(module, _)| *module).collect();
        let read = match read.iter().all(|value| self.flow.module(*value).language == Language::TypeScript) {
            true => self.is_read_before(&read, listener, &live),
            false => read,
        };
        match read.first() {
            Some(read) => {
                let why = "depends on what is done with a credential that is read further in";
                Verdict::Unknown(why.into(), self.flow.span(*read))
            }
            None => credentials,
        }
    }
}
