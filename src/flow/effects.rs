//! What calls of the outside world do: the tables under `rules/effects/`.
//!
//! One file a language. Names are full and dotted, whatever the language writes: `subprocess.run`,
//! `child_process.exec`, `os/exec.Command`, `std.process.Command.new`. A method is named by the type of its receiver:
//! `pathlib.Path.write_text`, `sqlite3.Cursor.execute`; `types` says which calls make such objects, where the call's own
//! name is not the type; `a.b.*` names every member of `a.b` that has no entry of its own. What a `network` call without
//! target makes is a client: whatever it is asked for opens a connection too. A default import is the module's own name (`node-fetch`, `axios`).
//!
//! ```yaml
//! language: python
//! effects:                                  # what a call does
//!   - calls: [subprocess.run, subprocess.Popen]
//!     kind: process                         # one of Kind
//!     target: {position: 0, keyword: args}  # or `receiver`; what is acted upon; absent where nothing is
//!     form: argv                            # how the target is read, one of Form
//!     more: {position: 1}                   # a list of further words of an argv
//!     rest: true                            # or: the further positional arguments are those words
//!     form_when:                            # another form when an argument is so
//!       - {keyword: shell, is: "true", form: shell}
//!     harmless_when:                        # nothing happens that could be abused
//!       - {keyword: Loader, in: [yaml.SafeLoader]}
//!     only_when:                            # it is this effect only where one of these holds
//!       - {position: 0, in: [os.Stderr]}
//!     checks: [weak-order]                  # what the call itself looks at before it acts
//!     running: true                         # of a process: it was started before, and has its environment
//!     records: deleted                      # of a store: `read`, `changed` or `deleted`, whatever it is given
//!     returns_target: true                  # the result is still the argument's content
//!     timeout: {keyword: timeout}           # what bounds its time; `default: 5` where 5 seconds do without it
//!   - methods: [execute]                    # a method of whatever object, where its type is not known
//!     kind: sql
//!     target: {position: 0}
//!     form: sql
//! types:                                    # what a call makes
//!   - {calls: [sqlite3.connect], makes: sqlite3.Connection}
//!   - {calls: [pymongo.MongoClient.*], makes: pymongo.database.Database}  # members that have no entry of their own
//! values:                                   # the result stands for the argument, with these proofs added
//!   - {calls: [os.path.realpath], of: {position: 0}, proves: [resolved, links-resolved]}
//!   - {calls: [path.join], of: {}, proves: [resolved]}  # `{}` is every argument
//!   - {calls: [zod.*.parse], of: {position: 0}}         # `*`: of whatever that package makes
//! guards:                                   # the call tells something about a value
//!   - {calls: [pathlib.Path.is_relative_to], of: receiver, when: "true", proves: [contained], needs: [resolved], else: [weak-order]}
//!   - {calls: [pathlib.Path.relative_to], of: receiver, when: returns, proves: [contained]}
//!   - {calls: [zod.*.parseAsync], of: {position: 0}, when: returns, awaited: true, proves: [validated]}
//! several_statements:                       # SQL that may hold more than one statement
//!   - {calls: [psycopg.Cursor.execute], only_when: {position: 1, given: false}}
//! requests:                                 # the HTTP request below a tool call: `request`, its `headers`, or the `token` in them
//!   - {calls: [fastmcp.server.dependencies.get_http_headers], gives: headers}
//! keeps:                                    # kept with a request until a tool runs; `key`: position of the key, where one is given
//!   - {sets: [contextvars.ContextVar.set], of: {position: 0}, gets: [contextvars.ContextVar.get]}
//! fills:                                    # the variable that is pointed to holds what was read
//!   - {calls: [encoding/json.Unmarshal], of: {position: 0}, into: 1}
//! prints: [fmt.Fprintf]                     # its first argument goes on with what the others make
//! answers: [fmt.Println]                    # writes to the standard output, where servers by hand answer
//! plain_errors: [encoding/json.Marshal]     # encoders whose error says nothing of what they were given
//! alters: [dataclasses.replace]             # a copy of the first, in which the members given by name are others
//! gives_back: {typing.cast: 1}              # the result is the argument at that position, with its type and methods
//! gives_one_of: {Promise.race: 0}           # it is one element of that argument
//! redirects:                                # clients that go where an answer sends them: `on` only then, `off` not then
//!   - {calls: [requests.get], off: [{keyword: allow_redirects, is: "false"}]}
//! clean: [len, time.time]                   # the result carries nothing of the arguments
//! inside: {startswith: 1}                    # methods that only texts and collections have, by least arguments
//! exits: [sys.exit]                         # never comes back
//! stands_for_first: [functools.partial]     # the result is called as the first argument would be
//! known: [json, str, pydantic]              # whose members do nothing outside the process but what is listed above
//! known_by_call: true                       # of a package that does not stand there only that is known which an entry names
//! services: [redis.Redis]                   # objects and modules that send whatever they are asked for over the network
//! of_data: [copy]                           # methods that what these answer has, too, besides those that stay inside
//! holds_own: [lifespan_context]             # members, or by their full name what calls give, that hold what the project put there
//! ```
//!
//! A call of a package that no entry names does what nobody here knows, and is told as such.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use ahash::{HashMap, HashSet};

use crate::code::Language;
use crate::flow::programs::Programs;
use crate::flow::records::Records;

mod file;
mod known;
mod service;
mod shape;
mod version;

use file::File;
use service::Stem;
pub use shape::{
    ArgumentSlot, Effect, Fill, Form, Gives, Guard, Keeper, Kind, Receiver, Redirects, Slot, Source, Statements,
    Stored, Timeout, Type, ValueOf, When,
};

/// The package of a full name: `github.com/spf13/cobra` of `github.com/spf13/cobra.Command`, `@scope/name`, `os`.
pub fn root(call: &str) -> &str {
    let is_host = call.split('/').next().is_some_and(|host| host.contains('.')) && call.contains('/');
    let before = match (call.starts_with('@'), is_host) {
        (true, _) => 1,
        (_, true) => 2,
        _ => 0,
    };
    let from = call.match_indices('/').take(before).last().map_or(0, |(at, _)| at + 1);
    let end = call[from..].find(['.', '/']).map_or(call.len(), |at| from + at);
    &call[..end]
}

/// The type that a full name of a method speaks of: `sqlite3.Cursor` of `sqlite3.Cursor.execute`.
fn type_of_method(call: &str) -> Option<String> {
    let (of, _) = call.rsplit_once('.')?;
    let last = of.rsplit(['.', '/']).next()?;
    (of.contains(['.', '/']) && last.starts_with(|sign: char| sign.is_ascii_uppercase())).then(|| of.to_string())
}

/// The table of one language.
#[derive(Debug, Default)]
pub struct Table {
    language: Option<Language>,
    /// Every effect.
    pub effects: Vec<Effect>,
    by_call: HashMap<String, Vec<usize>>,
    /// The type of every member of a type that has no entry of its own.
    members: HashMap<String, String>,
    by_method: HashMap<String, Vec<usize>>,
    types: HashMap<String, String>,
    values: HashMap<String, ValueOf>,
    guards: HashMap<String, Vec<Guard>>,
    several_statements: HashMap<String, Statements>,
    clean: HashSet<String>,
    inside: BTreeMap<String, usize>,
    exits: HashSet<String>,
    stands_for_first: HashSet<String>,
    requests: HashMap<String, Gives>,
    /// Each by its calls, and whether the call is one that keeps.
    keeps: HashMap<String, (Keeper, bool)>,
    fills: HashMap<String, Fill>,
    prints: HashSet<String>,
    answers: HashSet<String>,
    plain_errors: HashSet<String>,
    alters: HashSet<String>,
    gives_back: BTreeMap<String, usize>,
    gives_one_of: BTreeMap<String, usize>,
    redirects: HashMap<String, Redirects>,
    /// Roots of every name that an entry names.
    known: HashSet<String>,
    /// Roots of the packages that are known altogether.
    whole: HashSet<String>,
    /// Whether of a package that is not known altogether only that is known which an entry names.
    is_known_by_call: bool,
    holds_own: HashSet<String>,
    /// Types of which some method is an effect.
    clients: HashSet<String>,
    /// What sends whatever it is asked for to a service, however it was told of it, and the effect that this is.
    services: HashMap<String, usize>,
    /// Those that are named by how they begin and end.
    any_services: Vec<(Stem, usize)>,
    of_data: HashSet<String>,
    /// What stands before `.*` in the names of calls and values: only of these it is worth asking.
    starred: HashSet<String>,
}

impl Table {
    /// The effects of a call by its full name.
    pub fn effects_of<'a>(&'a self, call: &str) -> impl Iterator<Item = &'a Effect> + use<'a> {
        let any = || {
            let of = call.rsplit_once('.')?.0;
            self.starred.get(of).and_then(|of| self.by_call.get(&format!("{of}.*")))
        };
        let unversioned = || self.by_call.get(&version::unversioned(self.language, call)?);
        let own = self.by_call.get(call).or_else(any).or_else(unversioned);
        let of_client = (own.is_none() && !self.is_clean(call)).then(|| self.client_of(call)).flatten();
        own.into_iter().flatten().chain(of_client).map(|at| &self.effects[*at])
    }

    /// Asking a client for something opens a connection as making the client does: `boto3.client.get_object`.
    fn client_of(&self, call: &str) -> Option<&usize> {
        let makers = call.match_indices('.').filter_map(|(at, _)| self.by_call.get(&call[..at]));
        let connects = |at: &&usize| self.effects[**at].kind == Kind::Network && self.effects[**at].target.is_none();
        makers.flatten().find(connects).or_else(|| self.service_of(call))
    }

    /// What a call gives of the HTTP request below a tool call.
    pub fn gives(&self, call: &str) -> Option<Gives> {
        self.requests.get(call).copied()
    }

    /// Where a call keeps a value with the request, or gives it back, and whether it is the one that keeps.
    pub fn keeper(&self, call: &str) -> Option<(&Keeper, bool)> {
        self.keeps.get(call).map(|(keeper, is_set)| (keeper, *is_set))
    }

    /// Where a call puts what it reads.
    pub fn fills(&self, call: &str) -> Option<&Fill> {
        self.fills.get(call)
    }

    /// Whether the first argument of a call goes on with what the others make.
    pub fn prints(&self, call: &str) -> bool {
        self.prints.contains(call)
    }

    /// Whether a call writes to the standard output, where a server that is written by hand answers.
    pub fn answers(&self, call: &str) -> bool {
        self.answers.contains(call)
    }

    /// Whether the error of a call, which encodes what it is given first, says nothing of that.
    pub fn tells_no_content(&self, call: &str) -> bool {
        self.plain_errors.contains(call)
    }

    /// Whether a call gives a copy of its first argument in which the members given by name are others.
    pub fn alters(&self, call: &str) -> bool {
        self.alters.contains(call)
    }

    /// The position of the argument that a call gives back.
    pub fn gives_back(&self, call: &str) -> Option<usize> {
        self.gives_back.get(call).copied()
    }

    /// The position of the list of which a call gives back one element.
    pub fn gives_one_of(&self, call: &str) -> Option<usize> {
        self.gives_one_of.get(call).copied()
    }

    /// When a call goes where an answer sends it.
    pub fn redirects(&self, call: &str) -> Option<&Redirects> {
        self.redirects.get(call)
    }

    /// The effects of a method on an object of unknown type.
    pub fn effects_of_method<'a>(&'a self, method: &str) -> impl Iterator<Item = &'a Effect> + use<'a> {
        self.by_method.get(method).into_iter().flatten().map(|at| &self.effects[*at])
    }

    /// The type of what a call makes.
    pub fn made_by(&self, call: &str) -> Option<&str> {
        let of_any = || self.members.get(call.rsplit_once('.')?.0);
        let unversioned = || self.types.get(&version::unversioned(self.language, call)?);
        let made = self.types.get(call).or_else(of_any).or_else(unversioned);
        made.or_else(|| self.made_by_convention(call)).map(String::as_str)
    }

    /// The argument that a call's result stands for.
    pub fn value_of(&self, call: &str) -> Option<&ValueOf> {
        self.values.get(call).or_else(|| self.values.get(&self.of_package(call)?))
    }

    /// What a call tells about values.
    pub fn guards(&self, call: &str) -> &[Guard] {
        let found = self.guards.get(call).or_else(|| self.guards.get(&self.of_package(call)?));
        found.map_or(&[], Vec::as_slice)
    }

    /// When a call runs several SQL statements at once.
    pub fn several_statements(&self, call: &str) -> Option<&Statements> {
        self.several_statements.get(call)
    }

    /// Whether the result of a call carries nothing of its arguments.
    pub fn is_clean(&self, call: &str) -> bool {
        self.clean.contains(call)
    }

    /// Whether a method of something that is not known is one of texts, numbers or collections.
    pub fn is_inside(&self, method: &str, arguments: usize) -> bool {
        self.inside.get(method).is_some_and(|least| arguments >= *least)
    }

    /// Whether a call never comes back.
    pub fn exits(&self, call: &str) -> bool {
        self.exits.contains(call)
    }

    /// Whether a call is a method of a type that causes effects, and no entry speaks of it: what it does is not known.
    pub fn is_unlisted(&self, call: &str) -> bool {
        let of_client = call.rsplit_once('.').is_some_and(|(of, _)| self.clients.contains(of));
        of_client && self.guards(call).is_empty() && !self.fills.contains_key(call)
    }

    /// Whether a call is one of an object that the project put into a package's own, and of which no type is known.
    pub fn is_of_own_object(&self, call: &str) -> bool {
        let is_kept = || call.split('.').rev().skip(1).any(|member| self.holds_own.contains(member));
        let is_element =
            || call.rsplit_once('.').is_some_and(|(of, _)| of.contains('.') && self.holds_own.contains(of));
        is_kept() || is_element()
    }

    /// Whether the result is called as the first argument would be.
    pub fn stands_for_first(&self, call: &str) -> bool {
        self.stands_for_first.contains(call)
    }

    /// A method of whatever a package makes, as tables write it: `zod.*.parse`.
    fn of_package(&self, call: &str) -> Option<String> {
        let (package, method) = (self.starred.get(call.split_once('.')?.0)?, call.rsplit_once('.')?.1);
        Some(format!("{package}.*.{method}"))
    }

    fn add(&mut self, language: Language, file: File) {
        self.language = Some(language);
        self.known.extend(file.roots());
        self.whole.extend(file.known.iter().map(|name| root(name).to_string()));
        self.is_known_by_call |= file.known_by_call;
        let called = file.effects.iter().flat_map(|effect| &effect.calls);
        let values = file.values.iter().flat_map(|value| &value.calls);
        let named = called.chain(values).chain(file.guards.iter().flat_map(|guard| &guard.calls));
        self.starred.extend(named.filter_map(|call| Some(call.split_once(".*")?.0.to_string())));
        self.clients
            .extend(file.effects.iter().flat_map(|effect| &effect.calls).filter_map(|call| type_of_method(call)));
        for effect in file.effects {
            let at = self.effects.len();
            effect.calls.iter().for_each(|call| self.by_call.entry(call.clone()).or_default().push(at));
            effect.methods.iter().for_each(|method| self.by_method.entry(method.clone()).or_default().push(at));
            self.effects.push(effect);
        }
        for made in file.types {
            for call in made.calls {
                match call.strip_suffix(".*") {
                    Some(of) => self.members.insert(of.to_string(), made.makes.clone()),
                    None => self.types.insert(call, made.makes.clone()),
                };
            }
        }
        for value in file.values {
            self.values.extend(value.calls.clone().into_iter().map(|call| (call, value.clone())));
        }
        for guard in file.guards {
            guard.calls.iter().for_each(|call| self.guards.entry(call.clone()).or_default().push(guard.clone()));
        }
        for several in file.several_statements {
            self.several_statements.extend(several.calls.clone().into_iter().map(|call| (call, several.clone())));
        }
        self.clean.extend(file.clean);
        self.inside.extend(file.inside);
        for source in file.requests {
            self.requests.extend(source.calls.into_iter().map(|call| (call, source.gives)));
        }
        for keeper in file.keeps {
            let entry = |(call, is_set): (&String, bool)| (call.clone(), (keeper.clone(), is_set));
            self.keeps.extend(keeper.sets.iter().map(|call| (call, true)).map(entry));
            self.keeps.extend(keeper.gets.iter().map(|call| (call, false)).map(entry));
        }
        for fill in file.fills {
            self.fills.extend(fill.calls.clone().into_iter().map(|call| (call, fill.clone())));
        }
        self.prints.extend(file.prints);
        self.answers.extend(file.answers);
        self.plain_errors.extend(file.plain_errors);
        self.alters.extend(file.alters);
        self.gives_back.extend(file.gives_back);
        self.gives_one_of.extend(file.gives_one_of);
        for redirects in file.redirects {
            self.redirects.extend(redirects.calls.clone().into_iter().map(|call| (call, redirects.clone())));
        }
        self.exits.extend(file.exits);
        self.stands_for_first.extend(file.stands_for_first);
        self.holds_own.extend(file.holds_own);
        self.of_data.extend(file.of_data);
        if !file.services.is_empty() {
            let at = self.effects.len();
            let (any, named): (Vec<String>, Vec<String>) = file.services.into_iter().partition(|one| one.contains('*'));
            self.services.extend(named.into_iter().map(|service| (service, at)));
            self.any_services.extend(any.iter().filter_map(|one| Some((Stem::read(one)?, at))));
            self.effects.push(Effect::of_kind(Kind::Network));
        }
    }
}

/// The tables of every language.
#[derive(Debug, Default)]
pub struct Effects {
    tables: BTreeMap<Language, Table>,
    programs: Programs,
    records: Records,
}

impl Effects {
    /// Reads tables from files given as path and text.
    ///
    /// # Errors
    /// One line for each file that is not in the format, with its path.
    pub fn read<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Self, Vec<String>> {
        let mut effects = Self::default();
        let mut wrong = Vec::new();
        for (path, text) in files {
            match serde_yaml::from_str::<File>(text) {
                Ok(file) => {
                    wrong.extend(file.mistakes().map(|mistake| format!("{path}: {mistake}")));
                    match language(&file.language) {
                        Some(language) => effects.tables.entry(language).or_default().add(language, file),
                        None => wrong.push(format!("{path}: `{}` is no language we read", file.language)),
                    }
                }
                Err(error) => wrong.push(format!("{path}: {error}")),
            }
        }
        if wrong.is_empty() { Ok(effects) } else { Err(wrong) }
    }

    /// The tables that are built in.
    pub fn built_in() -> &'static Self {
        static TABLES: LazyLock<Effects> = LazyLock::new(|| {
            let tables = Effects::read(crate::embedded::under("effects/")).expect("a test reads the built-in tables");
            Effects { programs: Programs::built_in(), records: Records::built_in(), ..tables }
        });
        &TABLES
    }

    /// What the words of programs mean.
    pub fn programs(&self) -> &Programs {
        &self.programs
    }

    /// How records are looked up.
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// The table of a language.
    pub fn of(&self, language: Language) -> Option<&Table> {
        self.tables.get(&language)
    }
}

fn language(id: &str) -> Option<Language> {
    [Language::Python, Language::TypeScript, Language::Go, Language::Rust].into_iter().find(|one| one.id() == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_tables_are_in_the_format() {
        let read = Effects::read(crate::embedded::under("effects/"));
        assert!(read.is_ok(), "{}", read.unwrap_err().join("\n"));
    }

    #[test]
    fn a_misspelt_key_is_an_error_with_its_file() {
        let wrong = Effects::read([("effects/x.yml", "language: python\neffect: []\n")].into_iter()).unwrap_err();
        assert!(wrong[0].starts_with("effects/x.yml: "), "{wrong:?}");
    }

    #[test]
    fn words_outside_the_vocabulary_and_repeated_names_are_errors() {
        let cases = [
            ("guards: [{calls: [f], of: receiver, when: maybe, proves: [matched]}]", "`when: maybe` of [\"f\"] is"),
            ("guards: [{calls: [f], of: receiver, when: returns, proves: [safe]}]", "`safe` is no proof"),
            ("effects: [{kind: log}]", "an effect of kind log names no calls"),
            ("types: [{calls: [f, f], makes: T}]", "`f` stands twice"),
        ];
        for (entry, expected) in cases {
            let text = format!("language: python\n{entry}\n");
            let wrong = Effects::read([("x.yml", text.as_str())].into_iter()).unwrap_err();
            assert_eq!(wrong.len(), 1, "{entry}");
            assert!(wrong[0].starts_with(&format!("x.yml: {expected}")), "{wrong:?}");
        }
    }

    #[test]
    fn the_package_of_a_call_is_what_a_manifest_names() {
        let cases = [
            ("github.com/spf13/cobra.Command.Execute", "github.com/spf13/cobra"),
            ("gopkg.in/yaml.v3.Unmarshal", "gopkg.in/yaml"),
            ("os/exec.Command", "os"),
            ("@scope/name/sub.f", "@scope/name"),
            ("lodash/fp.get", "lodash"),
            ("docker.from_env", "docker"),
            ("len", "len"),
            ("", ""),
        ];
        for (call, package) in cases {
            assert_eq!(root(call), package, "{call}");
        }
    }

    #[test]
    fn what_a_package_without_entry_does_is_unknown() {
        let text = "language: python\nclean: [acme.now]\nknown: [len]\n";
        let effects = Effects::read([("x.yml", text)].into_iter()).unwrap();
        let table = effects.of(Language::Python).unwrap();
        let of = |call| table.unknown_package(call);
        assert_eq!([of("acme.send"), of("len"), of(""), of("other.send")], [None, None, None, Some("other")]);
    }

    #[test]
    fn calls_are_found_by_their_full_name() {
        let text =
            "language: python\neffects:\n  - {calls: [os.system], kind: process, target: {position: 0}, form: shell}\n";
        let effects = Effects::read([("effects/python.yml", text)].into_iter()).unwrap();
        let found: Vec<Kind> = effects.of(Language::Python).unwrap().effects_of("os.system").map(|e| e.kind).collect();
        assert_eq!(found, [Kind::Process]);
    }
}
