//! What a check can be asked about, and how a rule file reads its fields.

use crate::model::known::{Known, Spanned};
use crate::model::{
    Note, boundary, confinement, container, definition, effect, pod, policy, project, server, state, text, tool, usage,
};
use crate::source::Span;

/// Position of a server in [`crate::model::Facts::servers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerId(pub u32);

impl ServerId {
    /// As an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Position of a tool in [`crate::model::Facts::tools`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ToolId(pub u32);

impl ToolId {
    /// As an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What every subject has.
#[derive(Clone, Debug)]
pub struct About {
    /// Server it belongs to; absent where it belongs to the tree as a whole.
    pub server: Option<ServerId>,
    /// Tool it belongs to.
    pub tool: Option<ToolId>,
    /// Name a person would call it by.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// Place of the fact it is part of: a mount's container, a setting's definition, a tool entry's document.
    pub part_of: Option<Span>,
    /// Environment that it is part of, where that is not told by its file: `production`, `staging`, `test`, `development`.
    pub environment: Option<String>,
}

impl About {
    /// A subject that is not yet tied to a server.
    pub fn new(name: impl Into<String>, span: Span) -> Self {
        Self { server: None, tool: None, name: name.into(), span, part_of: None, environment: None }
    }
}

/// Type of a field as rules see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// Text.
    Text,
    /// Several texts.
    List,
}

/// A field's value as rules see it, with its place where it has one of its own.
#[derive(Clone, Debug, PartialEq)]
pub enum Field<'a> {
    /// Nothing sets it.
    Absent,
    /// Set to something that cannot be known.
    Unknown(&'a str, Option<Span>),
    /// A truth value.
    Bool(bool, Option<Span>),
    /// A number.
    Number(f64, Option<Span>),
    /// Text.
    Text(&'a str, Option<Span>),
    /// Several texts, each with its place, and the place of the whole.
    List(Vec<(&'a str, Option<Span>)>, Option<Span>),
}

impl Field<'_> {
    /// Its place.
    pub fn span(&self) -> Option<Span> {
        match self {
            Field::Absent => None,
            Field::Unknown(_, span) | Field::Bool(_, span) | Field::Number(_, span) | Field::Text(_, span) => *span,
            Field::List(items, span) => span.or_else(|| items.first().and_then(|item| item.1)),
        }
    }
}

/// A type that rules can read as a field.
pub trait Viewed {
    /// Its type in rules.
    const SHAPE: Shape;
    /// Its value in rules.
    fn view(&self) -> Field<'_>;
    /// The same with a place that the value itself does not know.
    fn view_at(&self, span: Option<Span>) -> Field<'_> {
        match self.view() {
            Field::Bool(value, None) => Field::Bool(value, span),
            Field::Number(value, None) => Field::Number(value, span),
            Field::Text(value, None) => Field::Text(value, span),
            Field::List(items, None) => Field::List(items, span),
            other => other,
        }
    }
}

impl Viewed for bool {
    const SHAPE: Shape = Shape::Bool;
    fn view(&self) -> Field<'_> {
        Field::Bool(*self, None)
    }
}

impl Viewed for f64 {
    const SHAPE: Shape = Shape::Number;
    fn view(&self) -> Field<'_> {
        Field::Number(*self, None)
    }
}

impl Viewed for i64 {
    const SHAPE: Shape = Shape::Number;
    fn view(&self) -> Field<'_> {
        Field::Number(*self as f64, None)
    }
}

impl Viewed for String {
    const SHAPE: Shape = Shape::Text;
    fn view(&self) -> Field<'_> {
        Field::Text(self, None)
    }
}

impl Viewed for Vec<Spanned<String>> {
    const SHAPE: Shape = Shape::List;
    fn view(&self) -> Field<'_> {
        Field::List(self.iter().map(|item| (item.value.as_str(), Some(item.span))).collect(), None)
    }
}

impl Viewed for Vec<String> {
    const SHAPE: Shape = Shape::List;
    fn view(&self) -> Field<'_> {
        Field::List(self.iter().map(|item| (item.as_str(), None)).collect(), None)
    }
}

impl<T: Viewed> Viewed for Spanned<T> {
    const SHAPE: Shape = T::SHAPE;
    fn view(&self) -> Field<'_> {
        self.value.view_at(Some(self.span))
    }
}

impl<T: Viewed> Viewed for Option<T> {
    const SHAPE: Shape = T::SHAPE;
    fn view(&self) -> Field<'_> {
        self.as_ref().map_or(Field::Absent, Viewed::view)
    }
}

impl<T: Viewed> Viewed for Known<T> {
    const SHAPE: Shape = T::SHAPE;
    fn view(&self) -> Field<'_> {
        match self {
            Known::Absent => Field::Absent,
            Known::Unknown(unknown) => Field::Unknown(&unknown.reason, Some(unknown.span)),
            Known::Is(spanned) => spanned.view(),
        }
    }
}

/// One row of a subject's field table.
#[derive(Clone, Copy, Debug)]
pub struct FieldInfo {
    /// Name in rules.
    pub name: &'static str,
    /// Its type.
    pub shape: Shape,
    /// First line of its documentation.
    pub documentation: &'static str,
}

/// A fact that checks are asked about.
pub trait Subject {
    /// Its field table.
    fn fields(&self) -> &'static [FieldInfo];
    /// What every subject has.
    fn about(&self) -> &About;
    /// The value of a field; every subject has `name`.
    fn field(&self, name: &str) -> Option<Field<'_>>;
}

/// Declares a subject: a struct with `about`, whose listed fields rules can read.
///
/// Fields before `..` are for rules; fields after it are for code only.
#[macro_export]
macro_rules! subject {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $( #[doc = $doc:literal] $(#[doc = $more:literal])* pub $field:ident : $type:ty, )*
            $( .. $( #[doc = $hidden_doc:literal] $(#[doc = $hidden_more:literal])* pub $hidden:ident : $hidden_type:ty, )* )?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $name {
            /// Name, place and owner.
            pub about: $crate::model::subject::About,
            $( #[doc = $doc] $(#[doc = $more])* pub $field: $type, )*
            $( $( #[doc = $hidden_doc] $(#[doc = $hidden_more])* pub $hidden: $hidden_type, )* )?
        }

        impl $name {
            /// Field table for rules, after `name`.
            pub const FIELDS: &'static [$crate::model::subject::FieldInfo] = &[
                $( $crate::model::subject::FieldInfo {
                    name: stringify!($field),
                    shape: <$type as $crate::model::subject::Viewed>::SHAPE,
                    documentation: $doc,
                }, )*
            ];
        }

        impl $crate::model::subject::Subject for $name {
            fn fields(&self) -> &'static [$crate::model::subject::FieldInfo] {
                Self::FIELDS
            }
            fn about(&self) -> &$crate::model::subject::About {
                &self.about
            }
            fn field(&self, name: &str) -> Option<$crate::model::subject::Field<'_>> {
                use $crate::model::subject::{Field, Viewed};
                match name {
                    "name" => Some(Field::Text(&self.about.name, Some(self.about.span))),
                    $( stringify!($field) => Some(Viewed::view(&self.$field)), )*
                    _ => None,
                }
            }
        }
    };
}

macro_rules! kinds {
    ($($(#[doc = $doc:literal])* $variant:ident = $id:literal : $type:ty,)*) => {
        /// Kinds of subjects, as `subject:` in a rule file names them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum SubjectKind {
            $($(#[doc = $doc])* $variant,)*
        }

        impl SubjectKind {
            /// All kinds.
            pub const ALL: &'static [SubjectKind] = &[$(SubjectKind::$variant,)*];

            /// Kebab-case name in rules.
            pub fn id(self) -> &'static str {
                match self { $(SubjectKind::$variant => $id,)* }
            }

            /// The kind of that name.
            pub fn of(id: &str) -> Option<SubjectKind> {
                Self::ALL.iter().copied().find(|kind| kind.id() == id)
            }

            /// Field table, without `name`, which every kind has.
            pub fn fields(self) -> &'static [FieldInfo] {
                match self { $(SubjectKind::$variant => <$type>::FIELDS,)* }
            }
        }

        /// Any subject.
        #[derive(Clone, Copy, Debug)]
        pub enum SubjectRef<'a> {
            $($(#[doc = $doc])* $variant(&'a $type),)*
        }

        impl<'a> SubjectRef<'a> {
            /// Its kind.
            pub fn kind(self) -> SubjectKind {
                match self { $(SubjectRef::$variant(_) => SubjectKind::$variant,)* }
            }

            /// Name, place and owner.
            pub fn about(self) -> &'a About {
                match self { $(SubjectRef::$variant(subject) => &subject.about,)* }
            }

            /// The value of a field.
            pub fn field(self, name: &str) -> Option<Field<'a>> {
                match self { $(SubjectRef::$variant(subject) => Subject::field(subject, name),)* }
            }
        }
    };
}

kinds! {
    /// An MCP server.
    Server = "server": server::Server,
    /// A tool of a server.
    Tool = "tool": tool::Tool,
    /// One parameter of a tool.
    Parameter = "parameter": tool::Parameter,
    /// Something that a tool does to the world.
    Effect = "effect": effect::Effect,
    /// An argument of a tool that arrives at an effect.
    Arrival = "arrival": effect::Arrival,
    /// A client or host configuration entry that launches or reaches a server.
    Definition = "definition": definition::Definition,
    /// A value handed to a process or request by configuration or manifest.
    Setting = "setting": definition::Setting,
    /// A host-wide switch.
    HostSetting = "host-setting": definition::HostSetting,
    /// What a file says of how access is authorised.
    Authorization = "authorization": definition::Authorization,
    /// A boundary document file.
    BoundaryDocument = "boundary-document": boundary::BoundaryDocument,
    /// A tool entry of a boundary document.
    Boundary = "boundary": boundary::Boundary,
    /// A container.
    Container = "container": container::Container,
    /// What really confines a server.
    Confinement = "confinement": confinement::Confinement,
    /// A mount of a container.
    Mount = "mount": container::Mount,
    /// A port of a container.
    Port = "port": container::Port,
    /// A pod.
    Pod = "pod": pod::Pod,
    /// A way into a server from outside of its cluster.
    Entry = "entry": pod::Entry,
    /// A store, credential or folder of production.
    State = "state": state::State,
    /// A container image.
    Image = "image": container::Image,
    /// Text that reaches a model.
    ModelText = "model-text": text::ModelText,
    /// Something that looks like a credential.
    Secret = "secret": project::Secret,
    /// A network listener or transport in code.
    Listener = "listener": server::Listener,
    /// A declared dependency.
    Dependency = "dependency": project::Dependency,
    /// A package manifest.
    Package = "package": project::Package,
    /// A step of a CI workflow.
    WorkflowStep = "workflow-step": project::WorkflowStep,
    /// A job of a CI workflow.
    WorkflowJob = "workflow-job": project::WorkflowJob,
    /// A place in code where safety depends on how a library or the language is used.
    Usage = "usage": usage::Usage,
    /// A list of tools that settings cut down.
    Selection = "selection": policy::Selection,
    /// An environment or secrets handed over to something started or made.
    Handover = "handover": policy::Handover,
}

impl SubjectRef<'_> {
    /// What layers below the deciding one say of a field, and what other deployments say.
    pub fn layers(self, field: &str) -> Vec<Note> {
        match self {
            SubjectRef::Container(container) => {
                let is_same = |one: &str| one == field || (one == "user" && field == "runs_as_root");
                let earlier = container.earlier.iter().filter(|earlier| is_same(earlier.field));
                earlier
                    .map(|earlier| Note::new(earlier.span, format!("{} says `{}`", earlier.layer, earlier.says)))
                    .collect()
            }
            SubjectRef::Confinement(confinement) => {
                let aspect = confinement.aspects.iter().find(|aspect| aspect.id == field);
                let layers = aspect.map(|aspect| aspect.layers.as_slice()).unwrap_or_default();
                let said = |layer: &confinement::Layer| {
                    Note::new(layer.span, format!("{} `{}`: {}", layer.kind, layer.deployment, layer.says))
                };
                layers.iter().map(said).collect()
            }
            SubjectRef::Selection(selection) => selection.notes.clone(),
            SubjectRef::Handover(handover) => handover.notes.clone(),
            _ => Vec::new(),
        }
    }
}
