//! Into a function: what an earlier walk of it found, or a walk.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::code::{MODULE_BODY, Name, Place};
use crate::flow::{Frame, FunctionRef, In};
use crate::taint::join::mix;
use crate::taint::shared::Key;
use crate::taint::statement::origin;
use crate::taint::summary::summarise;
use crate::taint::{Activation, Env, MAX_CALLS, Shade, Summary, Walk};

impl<'a> Walk<'a> {
    /// Walks a function, or takes what an earlier walk with like arguments found.
    pub(crate) fn summary(
        &mut self,
        function: FunctionRef,
        arguments: Vec<Shade>,
        this: Shade,
        frame: Frame,
        functions: &[FunctionRef],
    ) -> Rc<Summary> {
        // A closure sees what surrounds it, so that while that is walked its summary holds for this very state only. Every
        // call of a logger is told at its own place.
        let is_of_moment = self.is_surrounded(function) || self.is_logger(function);
        let is_closure = self.around(function).next().is_some();
        let captured = frame.as_ref().filter(|_| is_closure).and_then(|level| level.parent.clone());
        let key = (!is_of_moment).then(|| self.key_of((function, &captured), functions, &arguments, &this));
        if let Some(known) = key.as_ref().and_then(|key| self.met_before(key, &frame)) {
            return known;
        }
        self.meets(function);
        let again = self.stack.iter().filter(|activation| activation.function == function).count();
        if self.stack.len() >= MAX_CALLS {
            // What lies deeper is not known, which is told as a call that could not be resolved.
            self.found.unresolved.extend(self.path.last().map(|note| note.span));
            self.holds_here_only();
        }
        if self.stack.len() >= MAX_CALLS || again >= 2 || !self.step() {
            self.cut_off += 1;
            let mixed = mix(&arguments);
            return Rc::new(Summary { result: Shade { of: Vec::new(), ..mixed }, ..Summary::default() });
        }
        let cut_off = self.cut_off;
        let lasting = key.as_ref().filter(|_| !is_closure);
        let recorded = lasting.filter(|key| self.begin_record(key, &arguments, &this, &frame));
        let summary = Rc::new(self.enter(function, arguments, this, frame.clone()));
        let record = recorded.and_then(|key| self.end_record(key, &frame, &summary));
        // A closure that was not followed to its end here may be where fewer calls lead to it.
        let is_whole = !is_closure || self.cut_off == cut_off;
        if let Some(key) = key.filter(|_| is_whole && !self.found.cut) {
            self.remember(key, summary.clone(), record);
            self.captured.extend(captured.map(Some));
        }
        summary
    }

    /// The functions around a function, innermost first; the module's own body is left out.
    fn around(&self, function: FunctionRef) -> impl Iterator<Item = FunctionRef> + use<'a> {
        let flow = self.flow;
        let of = move |inner: FunctionRef| {
            let parent = flow.function(inner).parent.filter(|parent| *parent != MODULE_BODY)?;
            Some(In { module: inner.module, id: parent })
        };
        std::iter::successors(of(function), move |inner| of(*inner))
    }

    /// Whether a function around a function is being walked.
    fn is_surrounded(&self, function: FunctionRef) -> bool {
        self.around(function).any(|outer| self.stack.iter().any(|activation| activation.function == outer))
    }

    /// What calls have in common that tell the same.
    fn key_of(
        &self,
        (function, captured): (FunctionRef, &Frame),
        functions: &[FunctionRef],
        arguments: &[Shade],
        this: &Shade,
    ) -> Key {
        let mut key = String::new();
        // Closures that were made in one call are told from those of another.
        if let Some(around) = captured {
            key.push_str(&format!("{:x} ", Rc::as_ptr(around).addr()));
        }
        functions.iter().for_each(|one| key.push_str(&format!("{}:{} ", one.module.0, one.id.0)));
        arguments.iter().for_each(|shade| shade.key(&mut key, 0));
        this.key(&mut key, 0);
        self.outer.key().into_iter().for_each(|state| key.push_str(&format!(" {state}")));
        Rc::new((function, key))
    }

    /// Walks a function with these arguments.
    pub(crate) fn enter(&mut self, function: FunctionRef, arguments: Vec<Shade>, this: Shade, frame: Frame) -> Summary {
        let code = self.flow.function(function);
        let activation = Activation {
            function,
            frame,
            env: Env::default(),
            this,
            exits: Vec::new(),
            unset: 0,
            turns: Vec::new(),
            types: BTreeMap::new(),
            touched: Vec::new(),
            members: members_of(&arguments),
            rebound: BTreeSet::new(),
            yielded: None,
            panics: (false, self.recovers(function)),
        };
        self.stack.push(activation);
        let looks = self.begin_both(None);
        let awaiting = std::mem::take(&mut self.awaiting);
        let leaves = std::mem::take(&mut self.leaves_on_error);
        for (position, (parameter, shade)) in code.parameters.iter().zip(arguments).enumerate() {
            let shade = match (shade.is_tainted() || shade.constant.is_some(), parameter.default) {
                (false, Some(default)) if shade.parts.is_empty() && shade.items.is_none() => self.value(default),
                _ => shade,
            };
            self.put_parameter(&parameter.place, Shade { of: vec![origin(position)], ..shade.unnamed() });
        }
        if !self.block(&code.body) {
            self.fall_off(code.body.tail);
        }
        self.left = false;
        self.looks = looks;
        self.awaiting = awaiting;
        self.leaves_on_error = leaves;
        let activation = self.stack.pop().expect("pushed above");
        summarise(activation, code.parameters.len())
    }

    /// Binds a parameter without a step in its trail: the call's own step says it.
    fn put_parameter(&mut self, place: &'a Place, shade: Shade) {
        match place {
            Place::Name(name, _) => {
                let proofs = shade.proofs;
                self.top().env.hold(name.clone(), shade);
                if !proofs.is_none() {
                    self.prove(std::slice::from_ref(name), proofs);
                }
            }
            other => self.put(other, shade),
        }
    }
}

/// Most members of one function's parameters of which it is told what is proven of them.
const MAX_MEMBERS: usize = 24;

/// Members that came from a caller, of objects that a function is given.
fn members_of(arguments: &[Shade]) -> Vec<(usize, Name)> {
    let of = |(at, shade): (usize, &Shade)| {
        let parts = shade.parts.iter().filter(|(_, part)| part.is_tainted());
        parts.map(move |(name, _)| (at, name.clone())).collect::<Vec<_>>()
    };
    arguments.iter().enumerate().flat_map(of).take(MAX_MEMBERS).collect()
}
