//! Texts that are put together, and objects that a schema fills with its defaults.

use super::*;
use crate::code::CallKind;
use crate::flow::meaning::Passed;

/// Longest text that is put together.
const MAX_TEXT: usize = 1 << 16;

impl Unset<'_, '_> {
    /// What `format!` gives of Rust: `format!("{host}:{}", args.port)`.
    pub(super) fn formatted(&self, at: ValueRef, call: &Call, arguments: &[Passed]) -> Option<Meaning> {
        let callee = In { module: at.module, id: call.callee };
        let is_format = matches!(self.flow.kind(callee), ValueKind::Name(name) if name == "format");
        if call.kind != CallKind::Macro || !is_format {
            return None;
        }
        let show = |argument: &Passed| shown(&self.settled(argument.value.clone()));
        self.flow.filled_in(at, arguments, &show)
    }

    /// `fmt.Sprintf("%s:%d", host, port)`
    pub(super) fn printed(&self, at: ValueRef, plain: Plain) -> Option<Meaning> {
        let format = plain(0)?.text()?.to_string();
        let mut parts = format.split('%');
        let mut text = parts.next()?.to_string();
        for (position, part) in (1..).zip(parts) {
            let rest = part.strip_prefix(['s', 'd', 'v'])?;
            text.push_str(&shown(&plain(position)?)?);
            text.push_str(rest);
        }
        self.text_at(at, text)
    }

    /// `net.JoinHostPort(host, port)`
    pub(super) fn host_and_port(&self, at: ValueRef, plain: Plain) -> Option<Meaning> {
        let (host, port) = (shown(&plain(0)?)?, shown(&plain(1)?)?);
        let host = if host.contains(':') { format!("[{host}]") } else { host };
        self.text_at(at, format!("{host}:{port}"))
    }

    fn text_at(&self, at: ValueRef, text: String) -> Option<Meaning> {
        (text.len() <= MAX_TEXT).then(|| Meaning::Text(Name::new(text), self.flow.span(at)))
    }

    /// What a schema of zod makes of an environment without settings: `z.object({HOST: z.string().default("x")}).parse(process.env)`.
    pub(super) fn parsed_environment(&self, callee: ValueRef, plain: Plain) -> Option<Meaning> {
        let ValueKind::Field { base, name } = self.flow.kind(callee) else { return None };
        if name != "parse" || self.flow.module(callee).language != Language::TypeScript {
            return None;
        }
        let schema = In { module: callee.module, id: *base };
        let is_environment = matches!(plain(0), Some(Meaning::Outside(name)) if standard::is_environment(&name));
        let Meaning::Made(made) = self.flow.asking(|| self.flow.meaning(schema, &None)).0 else { return None };
        if !is_environment || !matches!(&made.callee, Meaning::Outside(name) if name.ends_with(".object")) {
            return None;
        }
        let Meaning::Map(fields) = self.flow.force(&made.arguments.first()?.value) else { return None };
        self.asked.set(true);
        let entries = fields.iter().map(|field| Entry { value: self.default_of_schema(&field.value), ..field.clone() });
        Some(Meaning::Map(entries.collect()))
    }

    /// The default that a chain of schema calls declares; what declares none may be anything that was made of it.
    fn default_of_schema(&self, schema: &Meaning) -> Meaning {
        let Meaning::Later(mut at, frame) = schema.clone() else { return UNKNOWN };
        for _ in 0..MAX_DEPTH {
            let ValueKind::Call(call) = self.flow.kind(at) else { return UNKNOWN };
            let ValueKind::Field { base, name } = self.flow.kind(In { module: at.module, id: call.callee }) else {
                return UNKNOWN;
            };
            match (name.as_str(), call.arguments.first()) {
                ("default", Some(default)) => {
                    return self.value(In { module: at.module, id: default.value }, &frame);
                }
                ("optional", None) => return Meaning::Null,
                ("min" | "max" | "trim" | "url" | "ip" | "describe" | "regex" | "int" | "positive", _) => {
                    at = In { module: at.module, id: *base };
                }
                _ => return UNKNOWN,
            }
        }
        UNKNOWN
    }
}

fn shown(meaning: &Meaning) -> Option<String> {
    match meaning {
        Meaning::Text(text, _) => Some(text.to_string()),
        Meaning::Int(number) => Some(number.to_string()),
        _ => None,
    }
}
