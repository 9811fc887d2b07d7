//! Values that a definition hands to a process or a request.

use crate::discover::hosts::Host;
use crate::document::Node;
use crate::extract::containers::setting::is_dangerous;
use crate::extract::definitions::placeholder::{self, Judgement};
use crate::extract::secrets;
use crate::model::About;
use crate::model::definition::Setting;
use crate::model::known::{Known, Spanned};
use crate::source::Span;

/// Where settings come from: the entry, its file and who replaces placeholders in it.
#[derive(Clone, Copy)]
pub struct Origin<'a> {
    /// Place of the definition.
    pub definition: Span,
    /// Kind of file.
    pub file_kind: &'static str,
    /// Hosts that read it.
    pub hosts: &'a [&'static Host],
    /// Hosts that read the file of another.
    pub guests: &'a [&'static Host],
}

impl Origin<'_> {
    /// A named value as written.
    pub fn setting(self, channel: &str, name: &str, value: &Spanned<String>, place: Span) -> Setting {
        self.judged(channel, name, value, place, placeholder::judge(&value.value, self.hosts, self.guests))
    }

    /// The same where somebody else has judged the placeholders.
    pub fn judged(
        self,
        channel: &str,
        name: &str,
        value: &Spanned<String>,
        place: Span,
        judgement: Judgement,
    ) -> Setting {
        let secret =
            secrets::looks_secret(name, &value.value).or_else(|| secrets::stands_for_secret(name, &value.value));
        let mut about = About::new(name, place);
        about.part_of = Some(self.definition);
        let known = |text: String| Known::is(text, value.span);
        Setting {
            about,
            channel: channel.into(),
            file_kind: self.file_kind.into(),
            value: known(value.value.clone()),
            reference: judgement.reference,
            unexpanded: judgement.unexpanded.map_or(Known::Absent, known),
            left_by: judgement.left_by,
            asked: Known::Absent,
            secret: secret.map_or(Known::Absent, |why| known(why.to_string())),
            dangerous: channel == "environment" && is_dangerous(name),
            tracked: Known::Absent,
        }
    }

    /// A variable whose value is taken from the host's own environment.
    pub fn forwarded(self, channel: &str, name: &Spanned<String>) -> Setting {
        let mut about = About::new(name.value.clone(), name.span);
        about.part_of = Some(self.definition);
        let secret = secrets::looks_secret(&name.value, &format!("${{{}}}", name.value));
        Setting {
            about,
            channel: channel.into(),
            file_kind: self.file_kind.into(),
            value: Known::Absent,
            reference: true,
            unexpanded: Known::Absent,
            left_by: Vec::new(),
            asked: Known::Absent,
            secret: secret.map_or(Known::Absent, |why| Known::is(why.to_string(), name.span)),
            dangerous: channel == "environment" && is_dangerous(&name.value),
            tracked: Known::Absent,
        }
    }

    /// A value that a person is asked for, hidden as a password is or not.
    pub fn asked(self, name: &Spanned<String>, hidden: bool) -> Setting {
        let mut setting = self.forwarded("input", name);
        setting.asked = Known::is(if hidden { "hidden" } else { "shown" }.to_string(), name.span);
        setting
    }

    /// Every entry of a map of scalars.
    pub fn map(self, channel: &str, map: Node<'_>) -> Vec<Setting> {
        let entry = |(key, value): (Node<'_>, Node<'_>)| {
            let text = Spanned::new(value.scalar()?, value.span());
            Some(self.setting(channel, &key.scalar()?, &text, key.span()))
        };
        map.entries().filter_map(entry).collect()
    }

    /// Arguments that carry values: `--flag value`, `--flag=value`, `NAME=value` and bare words.
    pub fn arguments(self, words: &[Spanned<String>]) -> Vec<Setting> {
        let mut settings = Vec::new();
        let mut flag: Option<&str> = None;
        for word in words {
            let text = word.value.as_str();
            if let Some((name, value)) = text.split_once('=').filter(|(name, _)| is_name(name)) {
                let value = Spanned::new(value.to_string(), word.span);
                settings.push(self.setting("argument", name.trim_start_matches('-'), &value, word.span));
                flag = None;
            } else if text.starts_with('-') {
                flag = Some(text.trim_start_matches('-'));
            } else {
                settings.push(self.setting("argument", flag.take().unwrap_or("argument"), word, word.span));
            }
        }
        settings
    }
}

fn is_name(text: &str) -> bool {
    let bare = text.trim_start_matches('-');
    bare.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && bare.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.'))
}
