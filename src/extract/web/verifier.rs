//! Verifiers of the tree that an SDK is given: whether what they let in was held against something.

use std::collections::BTreeSet;

use crate::code::{ParameterKind, ValueId, ValueKind};
use crate::extract::web::known::Checks;
use crate::extract::web::passage::{Passage, Sure};
use crate::extract::web::{Before, NOT_FOLLOWED, Verdict};
use crate::flow::meaning::{Meaning, value_in};
use crate::flow::{FunctionRef, ValueRef};
use crate::model::Note;
use crate::model::server::Setting;
use crate::source::Span;

/// Methods that SDKs ask whether a token is right.
const ASKED: &[&str] = &["verify_token", "verifyAccessToken", "load_access_token", "verifyToken"];

impl Before<'_> {
    /// A switch that is set to a verifier of the tree is worth what that one does.
    pub(super) fn verified(&self, verdict: Verdict, set: Setting) -> Verdict {
        let (Verdict::Yes(..), Setting::On(span)) = (&verdict, set) else { return verdict };
        let Some(function) = self.values_at(span).into_iter().find_map(|at| self.asked_of(at)) else { return verdict };
        self.of_verifier(function).unwrap_or(verdict)
    }

    /// What a function that is asked about a token says of it, where it does not hold it against something for sure.
    pub(super) fn of_verifier(&self, function: FunctionRef) -> Option<Verdict> {
        let none = BTreeSet::new();
        let passage = Passage::new(self.flow, &self.known, Checks::Credentials, &none);
        let span = self.flow.function(function).name_span;
        match passage.lets_in(function, self.token_of(function)?) {
            Sure::Yes => None,
            Sure::Maybe => Some(Verdict::Unknown(NOT_FOLLOWED.into(), span)),
            Sure::No => {
                let text = "the verifier lets tokens in that it has held against nothing".to_string();
                Some(Verdict::No(text, vec![Note::new(span, "this answers for the token")]))
            }
        }
    }

    fn token_of(&self, function: FunctionRef) -> Option<usize> {
        let parameters = &self.flow.function(function).parameters;
        parameters.iter().position(|one| one.kind != ParameterKind::Receiver)
    }

    fn values_at(&self, span: Span) -> Vec<ValueRef> {
        let Some(module) = self.loaded.program.by_source.get(&span.source).copied() else { return Vec::new() };
        let count = self.flow.program.module(module).values.len();
        let all = (0..count).map(|at| value_in(module, ValueId(at as u32)));
        all.filter(|at| self.flow.span(*at) == span).collect()
    }

    /// The method of a verifier that answers for a token.
    pub(super) fn asked_of(&self, at: ValueRef) -> Option<FunctionRef> {
        let flow = self.flow;
        let meaning = flow.asking(|| flow.meaning(at, &None)).0;
        match &meaning {
            Meaning::Instance(_) | Meaning::Map(_) => {}
            _ => return None,
        }
        ASKED.iter().find_map(|name| match flow.asking(|| flow.force(&flow.member(&meaning, &(*name).into()))).0 {
            Meaning::Function(function, _, _) => Some(function),
            _ => None,
        })
    }

    /// What `requireBearerAuth({ verifier })` is given, where it is of the tree.
    pub(super) fn given_verifier(&self, call: ValueRef) -> Option<FunctionRef> {
        let ValueKind::Call(code) = self.flow.kind(call) else { return None };
        let first = value_in(call.module, code.arguments.first()?.value);
        let flow = self.flow;
        let options = flow.asking(|| flow.meaning(first, &None)).0;
        let verifier = flow.asking(|| flow.force(&flow.member(&options, &"verifier".into()))).0;
        ASKED.iter().find_map(|name| match flow.asking(|| flow.force(&flow.member(&verifier, &(*name).into()))).0 {
            Meaning::Function(function, _, _) => Some(function),
            _ => None,
        })
    }
}
