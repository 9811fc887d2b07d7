//! What a rule may look at: every fact, by kind, with its owner.

use std::collections::BTreeMap;

use crate::check::wording::Told;
use crate::model::subject::SubjectRef;
use crate::model::{About, Facts, Gap, ServerId, SubjectKind, ToolId};
use crate::source::Sources;

/// All facts, laid out for questions.
pub struct World<'a> {
    /// The facts.
    pub facts: &'a Facts,
    /// The text they stand in.
    pub sources: &'a Sources,
    /// What tools tell a model, for checks of wording.
    pub told: Told,
    by_kind: BTreeMap<SubjectKind, Vec<Asked<'a>>>,
    by_tool: BTreeMap<(SubjectKind, ToolId), Vec<Asked<'a>>>,
}

/// A subject with its owner: a server owns itself, and so does a tool.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The fact.
    pub subject: SubjectRef<'a>,
    /// Position among the facts of its kind.
    pub index: usize,
    /// Server it belongs to; absent where it belongs to the whole tree.
    pub server: Option<ServerId>,
    /// Tool it belongs to.
    pub tool: Option<ToolId>,
}

impl<'a> World<'a> {
    /// Lays out the facts.
    pub fn new(facts: &'a Facts, sources: &'a Sources) -> Self {
        let all = |kind: SubjectKind| {
            let subjects = facts.subjects(kind).into_iter().enumerate();
            subjects.map(|(index, subject)| Asked::new(subject, index)).collect()
        };
        let by_kind: BTreeMap<SubjectKind, Vec<Asked<'a>>> =
            SubjectKind::ALL.iter().map(|kind| (*kind, all(*kind))).collect();
        let mut by_tool: BTreeMap<(SubjectKind, ToolId), Vec<Asked<'a>>> = BTreeMap::new();
        for (kind, asked) in &by_kind {
            for one in asked {
                one.tool.into_iter().for_each(|tool| by_tool.entry((*kind, tool)).or_default().push(*one));
            }
        }
        Self { facts, sources, told: Told::default(), by_kind, by_tool }
    }

    /// Every fact of a kind, in order.
    pub fn of(&self, kind: SubjectKind) -> &[Asked<'a>] {
        self.by_kind.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// Every fact of a kind that belongs to a tool, in order.
    pub fn of_tool(&self, kind: SubjectKind, tool: ToolId) -> &[Asked<'a>] {
        self.by_tool.get(&(kind, tool)).map_or(&[], Vec::as_slice)
    }

    /// The gap with its path filled in from its place.
    pub fn placed(&self, mut gap: Gap) -> Gap {
        if let (true, Some(span)) = (gap.path.is_empty(), gap.span) {
            gap.path = self.sources.path(span.source).to_string();
        }
        gap
    }
}

impl<'a> Asked<'a> {
    fn new(subject: SubjectRef<'a>, index: usize) -> Self {
        let about = subject.about();
        let own = u32::try_from(index).unwrap_or(u32::MAX);
        let (server, tool) = match subject {
            SubjectRef::Server(_) => (Some(ServerId(own)), None),
            SubjectRef::Tool(_) => (about.server, Some(ToolId(own))),
            _ => (about.server, about.tool),
        };
        Self { subject, index, server, tool }
    }

    /// Whether both are the same fact.
    pub fn is(self, other: Asked<'_>) -> bool {
        self.subject.kind() == other.subject.kind() && self.index == other.index
    }

    /// Name, place and owner, with a server or tool as its own owner.
    pub fn about(self) -> About {
        About { server: self.server, tool: self.tool, ..self.subject.about().clone() }
    }
}
