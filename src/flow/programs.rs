//! What the words of programs mean: the table `rules/programs.yml`.

use serde::Deserialize;

use crate::flow::effects::Form;

/// Options of programs, and which programs read a word as a command line or as code.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Programs {
    switches: Vec<String>,
    takes_value: Vec<String>,
    programs: Vec<Program>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Program {
    names: Vec<String>,
    reads: Option<Form>,
    #[serde(default)]
    after: Vec<String>,
    /// Those of `after` whose word is decoded before it is read, so that no encoding makes it harmless.
    #[serde(default)]
    decodes: Vec<String>,
    #[serde(default)]
    takes_value: Vec<String>,
}

impl Programs {
    /// The built-in table.
    pub fn built_in() -> Self {
        let text = crate::embedded::text("programs.yml").unwrap_or_default();
        serde_yaml::from_str(text).expect("a test reads the built-in table")
    }

    /// How a program reads the word after another one, where it is no mere argument.
    pub fn reads_after(&self, program: &str, before: &str) -> Option<Form> {
        let known = self.of(program)?;
        known.reads.filter(|_| known.after.iter().any(|option| option == before))
    }

    /// How some program reads the word after an option that no other program has: for programs that are not known.
    pub fn reads_after_any(&self, before: &str) -> Option<Form> {
        let is_other = |known: &Program| known.takes_value.iter().any(|option| option == before);
        if self.is_switch(before) || self.takes_value.iter().any(|option| option == before) {
            return None;
        }
        let mut reading = self.programs.iter().filter(|known| known.after.iter().any(|option| option == before));
        let form = reading.next().filter(|_| !self.programs.iter().any(is_other))?.reads?;
        reading.all(|known| known.reads == Some(form)).then_some(form)
    }

    /// Whether the word after an option is decoded before it is read.
    pub fn decodes(&self, before: &str) -> bool {
        self.programs.iter().any(|known| known.decodes.iter().any(|option| option == before))
    }

    /// Whether an option takes the word after it as its value, whatever that begins with.
    pub fn takes_value(&self, program: &str, option: &str) -> bool {
        let own = self.of(program).map_or(&[][..], |known| &known.takes_value);
        self.takes_value.iter().chain(own).any(|known| known == option)
    }

    /// Whether an option takes no value.
    pub fn is_switch(&self, option: &str) -> bool {
        self.switches.iter().any(|known| known == option)
    }

    fn of(&self, program: &str) -> Option<&Program> {
        self.programs.iter().find(|known| known.names.iter().any(|name| name == program))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_tells_values_from_words_and_code() {
        let programs = Programs::built_in();
        assert_eq!(programs.reads_after("bash", "-c"), Some(Form::Shell));
        assert_eq!(programs.reads_after("bash", "-x"), None);
        assert!(programs.takes_value("git", "-C") && !programs.takes_value("ls", "-C"));
        assert!(programs.takes_value("anything", "--contains") && programs.is_switch("--force"));
        assert_eq!(programs.reads_after_any("-EncodedCommand"), Some(Form::Shell));
        assert_eq!((programs.reads_after_any("-c"), programs.reads_after_any("-r")), (None, None));
        assert!(programs.decodes("-EncodedCommand") && !programs.decodes("-Command"));
        assert!(programs.takes_value.iter().all(|option| !programs.is_switch(option)));
    }
}
