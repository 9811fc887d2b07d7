//! Requests that hand arguments over by methods: `req.GetString("path", "")`, `req.BindArguments(&input)`.

use std::rc::Rc;

use crate::code::Name;
use crate::flow::meaning::value_in;
use crate::taint::call::Calling;
use crate::taint::entry::METHOD;
use crate::taint::{Proofs, Shade, Walk};

/// Methods that give one argument, by its name, as text or as anything.
const TEXTS: &[&str] = &["GetString", "RequireString", "GetStringSlice", "RequireStringSlice"];
/// Methods that give one argument as a number or truth value.
const NUMBERS: &[&str] =
    &["GetInt", "RequireInt", "GetFloat", "RequireFloat", "GetBool", "RequireBool", "GetIntSlice", "GetFloatSlice"];
/// Functions that give one argument of the request they are given as a number, truth value or length of time.
const PARSED_NUMBERS: &[&str] = &[
    "ParseBoolean",
    "ParseInt",
    "ParseInt8",
    "ParseInt16",
    "ParseInt32",
    "ParseInt64",
    "ParseUInt",
    "ParseUInt8",
    "ParseUInt16",
    "ParseUInt32",
    "ParseUInt64",
    "ParseFloat32",
    "ParseFloat64",
];
/// Methods that give all arguments.
const ALL: &[&str] = &["GetArguments", "GetRawArguments"];

impl<'a> Walk<'a> {
    /// What a method of the request gives; `None` where the call is no such method.
    pub(crate) fn handed_over(&mut self, calling: &Calling<'a>) -> Option<Shade> {
        let method = calling.method.as_deref()?;
        if let Some(found) = self.parsed_of(calling, method) {
            return Some(found);
        }
        let receiver = calling.receiver.as_ref()?;
        let bag = receiver.enveloped().or_else(|| Some(receiver).filter(|receiver| receiver.is_bag))?;
        if ALL.contains(&method) {
            return Some(Shade { of: Vec::new(), ..bag.clone() });
        }
        if method == "BindArguments" {
            let bag = Shade { of: Vec::new(), constant: None, ..bag.clone() };
            self.hold(calling, bag);
            return Some(Shade::default());
        }
        let is_number = NUMBERS.contains(&method);
        if !is_number && !TEXTS.contains(&method) {
            return None;
        }
        let name = calling.given.first()?.shade.constant.clone()?;
        let fallback = calling.given.get(1).map(|given| given.shade.whole()).unwrap_or_default();
        let mut found = self.member(&bag.clone(), &name, None).with(&fallback);
        if method.starts_with("Require") {
            self.note_typed(&found);
        }
        if is_number {
            found.proofs |= Proofs::NUMBER;
        }
        Some(Shade { parts: Rc::default(), ..found })
    }

    /// `mcp.ParseString(request, "path", "")`: a function of the SDK that is given the request.
    fn parsed_of(&mut self, calling: &Calling<'a>, function: &str) -> Option<Shade> {
        let is_text = matches!(function, "ParseString" | "ParseArgument" | "ParseStringMap");
        if !is_text && !PARSED_NUMBERS.contains(&function) {
            return None;
        }
        let [request, name, fallback] = &calling.given[..] else { return None };
        let bag = request.shade.enveloped().or_else(|| Some(&request.shade).filter(|one| one.is_bag))?.clone();
        let name = name.shade.constant.clone()?;
        let mut found = self.member(&bag, &name, None).with_whole(&fallback.shade);
        if !is_text {
            found.proofs |= Proofs::NUMBER;
        }
        Some(Shade { parts: Rc::default(), ..found })
    }

    /// `&input`: the variable holds the arguments from here on.
    fn hold(&mut self, calling: &Calling<'a>, bag: Shade) {
        let Some(argument) = calling.code.arguments.first() else { return };
        let Some((name, class)) = self.pointed_to(value_in(calling.at.module, argument.value)) else { return };
        let bag = class.map_or_else(|| bag.clone(), |class| self.of_type(&bag, class));
        self.top().env.hold(name, bag);
    }
}

impl Shade {
    /// `request.params`, and `params.arguments`, of a whole request: whatever its arguments are called.
    pub(crate) fn inside_of(&self, name: &Name) -> Option<Shade> {
        // Without a schema the members of a request stand among what it is asked for, and say nothing of arguments.
        let is_member = |name: &Name| matches!(name.as_str(), "name" | "params" | "arguments" | "_meta");
        let is_named = self.parts.contains_key("params") && self.parts.keys().any(|name| !is_member(name));
        let is_request = self.is_bag && self.parts.get("name").is_some_and(|tool| tool.constant.is_some());
        match name.as_str() {
            _ if !is_request || !is_named => None,
            "params" | "Params" => {
                let mut parts = (*self.parts).clone();
                parts.retain(|_, part| part.constant.as_deref() != Some(METHOD));
                Some(Shade { of: Vec::new(), parts: Rc::new(parts), ..self.clone() })
            }
            "arguments" | "Arguments" => {
                let mut parts = (*self.parts).clone();
                parts.retain(|name, part| name != "name" && part.constant.as_deref() != Some(METHOD));
                Some(Shade { of: Vec::new(), parts: Rc::new(parts), ..self.clone() })
            }
            _ => None,
        }
    }
}
