//! Lists and maps without settings: written, made again from others, sifted, gathered.

use super::*;
use crate::code::{Comprehension, MapEntry, MapKey, ValueId};

/// Most elements that are looked at one by one.
const MAX_ITEMS: usize = 64;

impl Unset<'_, '_> {
    /// `[clean(x) for x in list if x]`
    pub(super) fn comprehended(&self, module: ModuleId, code: &Comprehension, frame: &Frame) -> Meaning {
        let ([clause], None) = (&code.clauses[..], code.key) else { return UNKNOWN };
        let of = |id| In { module, id };
        let Some(items) = sure(&self.value(of(clause.over), frame)) else { return UNKNOWN };
        let mut made = Vec::new();
        for (position, item) in items.into_iter().enumerate() {
            let inside = push(frame, Within::Turn(of(clause.over), item, position));
            let holds: Option<Vec<bool>> =
                clause.conditions.iter().map(|condition| self.holds(of(*condition), &inside)).collect();
            match holds {
                Some(all) if all.iter().all(|holds| *holds) => made.push(self.value(of(code.element), &inside)),
                Some(_) => {}
                None => return UNKNOWN,
            }
        }
        list(made)
    }

    /// `[...list, more]`
    pub(super) fn written(&self, at: ValueRef, items: &[ValueId], frame: &Frame) -> Meaning {
        let mut made = Vec::new();
        for item in items {
            let item = In { module: at.module, id: *item };
            match self.flow.kind(item) {
                ValueKind::Spread(inner) => match sure(&self.value(In { module: at.module, id: *inner }, frame)) {
                    Some(more) => made.extend(more),
                    None => return self.settled(self.flow.asking(|| self.flow.meaning(at, frame)).0),
                },
                _ => made.push(self.value(item, frame)),
            }
        }
        list(made)
    }

    /// `{readOnly: process.env.READ_ONLY === '1'}`: an entry that only a test can tell is read from its expression.
    pub(super) fn mapping(&self, at: ValueRef, written: &[MapEntry], frame: &Frame) -> Meaning {
        let whole = self.settled(self.flow.asking(|| self.flow.meaning(at, frame)).0);
        let Meaning::Map(entries) = &whole else { return whole };
        let read = |entry: &Entry| {
            let key = entry.key.as_ref().filter(|_| matches!(entry.value, Meaning::Unknown(_)))?;
            let one = written.iter().find(|one| matches!(one.key, MapKey::Name(_, span) if span == key.span))?;
            Some(self.value(In { module: at.module, id: one.value }, frame))
        };
        let told = entries.iter().map(|entry| match read(entry) {
            Some(value) => Entry { value, ..entry.clone() },
            None => entry.clone(),
        });
        Meaning::Map(told.collect())
    }

    /// `list.filter(keep)`, `list.map(change)`
    pub(super) fn each_asked(&self, items: &[Item], method: &str, function: &Meaning) -> Option<Meaning> {
        let items = sure(&Meaning::List(items.into()))?;
        let given = |item: &Meaning| self.given(function, item);
        match method {
            "map" => Some(list(items.iter().map(|item| given(item).unwrap_or(UNKNOWN)).collect())),
            _ => {
                let truth = |item: &Meaning| self.truth(&given(item)?, Language::TypeScript);
                let kept: Option<Vec<bool>> = items.iter().map(truth).collect();
                let kept = kept?.into_iter().zip(items).filter(|(keeps, _)| *keeps);
                Some(list(kept.map(|(_, item)| item).collect()))
            }
        }
    }

    /// What a function gives for one value.
    fn given(&self, function: &Meaning, item: &Meaning) -> Option<Meaning> {
        match function {
            Meaning::Outside(name) if name == "Boolean" => Some(item.clone()),
            Meaning::Function(function, captured, this) => {
                let argument = crate::flow::meaning::Passed { name: None, value: item.clone(), is_rest: false };
                let call =
                    Within::Call { function: *function, arguments: vec![argument], this: this.clone(), at: None };
                Some(self.result(*function, &push(captured, call)))
            }
            _ => None,
        }
    }
}

/// The elements of a list that is known whole and is not long.
fn sure(meaning: &Meaning) -> Option<Vec<Meaning>> {
    let Meaning::List(items) = meaning else { return None };
    let is_sure = items.len() <= MAX_ITEMS && items.iter().all(|item| !item.is_rest && !item.optional);
    is_sure.then(|| items.iter().map(|item| item.value.clone()).collect())
}

fn list(values: Vec<Meaning>) -> Meaning {
    Meaning::List(values.into_iter().map(|value| Item { value, optional: false, is_rest: false }).collect())
}
