//! Entries of the tables.

use serde::Deserialize;

macro_rules! named {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $id:literal,)* }) => {
        $(#[$meta])*
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $id)] $variant,)*
        }

        impl $name {
            /// Name in tables and reports.
            pub fn id(self) -> &'static str {
                match self { $($name::$variant => $id,)* }
            }
        }
    };
}

named!(
    /// What a call does to the world.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
    Kind {
        /// Reads or lists files.
        FileRead = "file.read",
        /// Writes, creates, moves files.
        FileWrite = "file.write",
        /// Deletes files.
        FileDelete = "file.delete",
        /// Starts a program.
        Process = "process",
        /// Opens a connection.
        Network = "network",
        /// Runs SQL.
        Sql = "sql",
        /// Evaluates code or loads a module by name.
        Code = "code",
        /// Renders a template.
        Template = "template",
        /// Makes objects of bytes.
        Deserialise = "deserialise",
        /// Unpacks an archive.
        Archive = "archive",
        /// Reads the environment.
        Environment = "environment",
        /// Reads a secrets store.
        Secret = "secret",
        /// Writes a log.
        Log = "log",
        /// Drives a browser, or opens something in one.
        Browser = "browser",
        /// Reads or writes the clipboard.
        Clipboard = "clipboard",
        /// Sends a message to a person or another organisation.
        Send = "send",
        /// Looks through text for instructions to a model.
        Screen = "screen",
    }
);

/// What becomes of the records of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stored {
    /// They stay as they are.
    Read,
    /// Some are added or changed.
    Changed,
    /// Some are deleted.
    Deleted,
}

named!(
    /// How an effect reads its target.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
    Form {
        /// Nothing dangerous can stand in it.
        #[default]
        Data = "data",
        /// A path.
        Path = "path",
        /// A URL.
        Url = "url",
        /// A host name, without scheme and path.
        Host = "host",
        /// A program and its arguments, no shell: a list, or the program alone.
        Argv = "argv",
        /// A command line that a shell reads.
        Shell = "shell",
        /// SQL text.
        Sql = "sql",
        /// Stages of an aggregation, of which some write.
        Pipeline = "pipeline",
        /// Program code.
        Code = "code",
        /// Code for an interpreter that reaches nothing but what the program gives it.
        Script = "script",
        /// A template.
        Template = "template",
        /// Bytes that make objects.
        Object = "object",
        /// An archive that is unpacked.
        Archive = "archive",
        /// The name of a module, plug-in or class to load.
        Module = "module",
    }
);

/// Which argument of a call is meant.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Slot {
    /// `receiver`: the object before the dot.
    Receiver(Receiver),
    /// An argument by position, by keyword, or either.
    Argument(ArgumentSlot),
}

/// The object before the dot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Receiver {
    /// Its only value.
    Receiver,
}

/// An argument by position (from 0), by keyword, or either; `field` takes a member of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArgumentSlot {
    /// Position, from 0.
    pub position: Option<usize>,
    /// Keyword.
    pub keyword: Option<String>,
    /// Member of the argument: the `url` of an options object.
    pub field: Option<String>,
}

/// A condition on an argument.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// Position of the argument, from 0.
    pub position: Option<usize>,
    /// Keyword of the argument.
    pub keyword: Option<String>,
    /// Member of the argument.
    pub field: Option<String>,
    /// Constant it must be, as text.
    pub is: Option<String>,
    /// Or one of these constants or full names.
    #[serde(default, rename = "in")]
    pub one_of: Vec<String>,
    /// Or what one of these calls gave.
    #[serde(default)]
    pub made_by: Vec<String>,
    /// Whether it must be given at all.
    pub given: Option<bool>,
    /// Form of the target then; for `form_when` only.
    pub form: Option<Form>,
}

/// What bounds the time of a call.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timeout {
    /// Position of the argument, from 0.
    pub position: Option<usize>,
    /// Keyword of the argument.
    pub keyword: Option<String>,
    /// Member of the argument.
    pub field: Option<String>,
    /// Seconds that bound it when the argument is not given; absent where it then waits for ever.
    pub default: Option<f64>,
}

/// What a call does.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    /// Full names of the calls.
    #[serde(default)]
    pub calls: Vec<String>,
    /// Names of methods on objects whose type is not known.
    #[serde(default)]
    pub methods: Vec<String>,
    /// What it does.
    pub kind: Kind,
    /// What is acted upon.
    pub target: Option<Slot>,
    /// How the target is read.
    #[serde(default)]
    pub form: Form,
    /// A list of further words of an argv.
    pub more: Option<Slot>,
    /// Whether the positional arguments after the target are further words of an argv.
    #[serde(default)]
    pub rest: bool,
    /// Other forms.
    #[serde(default)]
    pub form_when: Vec<When>,
    /// When nothing can be abused.
    #[serde(default)]
    pub harmless_when: Vec<When>,
    /// Whether it only loads a module: nothing happens where its name is constant.
    #[serde(default)]
    pub loads: bool,
    /// Only where one of these holds is it this effect at all.
    #[serde(default)]
    pub only_when: Vec<When>,
    /// What the call itself proves of its target before it acts.
    #[serde(default)]
    pub checks: Vec<String>,
    /// Whether the result is still the argument's content.
    #[serde(default)]
    pub returns_target: bool,
    /// What bounds its time; absent where it does not wait for others.
    pub timeout: Option<Timeout>,
    /// Whether it happens in another container or machine, which has an environment of its own.
    #[serde(default)]
    pub elsewhere: bool,
    /// Whether it acts upon a program that was started before, with the environment that it has.
    #[serde(default)]
    pub running: bool,
    /// What becomes of the records of a store, where the call says so by itself and no statement has to be read.
    #[serde(default)]
    pub records: Option<Stored>,
}

impl Effect {
    /// An effect that acts upon nothing that it is given.
    pub(super) fn of_kind(kind: Kind) -> Self {
        Effect {
            calls: Vec::new(),
            methods: Vec::new(),
            kind,
            target: None,
            form: Form::default(),
            more: None,
            rest: false,
            form_when: Vec::new(),
            harmless_when: Vec::new(),
            loads: false,
            only_when: Vec::new(),
            checks: Vec::new(),
            returns_target: false,
            timeout: None,
            elsewhere: false,
            running: false,
            records: None,
        }
    }
}

/// What a call makes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Type {
    /// Full names of the calls, or of members that hold such an object.
    pub calls: Vec<String>,
    /// Full name of the type.
    pub makes: String,
}

/// A call whose result stands for an argument.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueOf {
    /// Full names of the calls.
    pub calls: Vec<String>,
    /// The argument.
    pub of: Slot,
    /// What it is resolved against, where it is relative: the base of a URL.
    pub against: Option<Slot>,
    /// What is then proven of the result.
    #[serde(default)]
    pub proves: Vec<String>,
    /// What is lost.
    #[serde(default)]
    pub loses: Vec<String>,
    /// Condition under which that is proven.
    pub only_when: Option<When>,
}

/// A call that tells something about a value.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// Full names of the calls.
    pub calls: Vec<String>,
    /// The value.
    pub of: Slot,
    /// When: `true`, `false`, `returns` (it raises otherwise), or `equal` (its result equals something of the program's own).
    pub when: String,
    /// Whether it tells nothing until it is waited for.
    #[serde(default)]
    pub awaited: bool,
    /// What is then proven.
    pub proves: Vec<String>,
    /// Only if this was proven before.
    #[serde(default)]
    pub needs: Vec<String>,
    /// What is proven otherwise.
    #[serde(default, rename = "else")]
    pub otherwise: Vec<String>,
}

/// A call that runs several SQL statements at once, where its text holds several.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statements {
    /// Full names of the calls.
    pub calls: Vec<String>,
    /// Condition under which it does.
    pub only_when: Option<When>,
}

/// What a call gives of the HTTP request below a tool call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gives {
    /// The request, or a context that leads to it.
    Request,
    /// Its headers.
    Headers,
    /// The token in them.
    Token,
}

/// Calls that give something of a request.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Full names of the calls.
    pub calls: Vec<String>,
    /// What they give.
    pub gives: Gives,
}

/// Calls that put what they read into the variable that they are pointed to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fill {
    /// Full names of the calls.
    pub calls: Vec<String>,
    /// What is read.
    pub of: Slot,
    /// Position of the variable.
    pub into: usize,
}

/// Clients that go where an answer sends them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redirects {
    /// Full names of the calls.
    pub calls: Vec<String>,
    /// They do only where one of these holds; absent where they do by themselves.
    #[serde(default)]
    pub on: Vec<When>,
    /// They do not where one of these holds.
    #[serde(default)]
    pub off: Vec<When>,
    /// Settings of the client's making that switch it on.
    #[serde(default)]
    pub made_on: Vec<String>,
    /// What of the client's making takes redirects, or the way to the host, in hand.
    #[serde(default)]
    pub made_off: Vec<String>,
}

/// Calls that keep a value with a request, and those that give it back.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keeper {
    /// Full names of the calls that keep it.
    pub sets: Vec<String>,
    /// The value.
    pub of: Slot,
    /// Full names of the calls that give it back.
    pub gets: Vec<String>,
    /// Position of the key in the call that keeps it; it is the first argument of the other. Without one, the object
    /// whose methods these are is the key.
    pub key: Option<usize>,
}
