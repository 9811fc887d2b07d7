//! Tells Python 2 from broken Python 3.

use ruff_python_parser::ParseError;

/// The first syntax error whose line is a statement of Python 2.
pub(super) fn proof<'a>(text: &str, errors: &'a [ParseError]) -> Option<&'a ParseError> {
    errors.iter().take(MAX_LOOKED_AT).find(|error| is_second(line_at(text, error.location.start().to_usize())))
}

/// Errors whose lines are read; a line may be as long as the file.
const MAX_LOOKED_AT: usize = 100;

/// Text of the line that holds a byte.
fn line_at(text: &str, offset: usize) -> &str {
    let offset = offset.min(text.len());
    let (Some(before), Some(after)) = (text.get(..offset), text.get(offset..)) else { return "" };
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let end = after.find('\n').map_or(text.len(), |at| offset + at);
    text.get(start..end).unwrap_or("").trim()
}

fn is_second(line: &str) -> bool {
    let statements = line.split([':', ';']).map(str::trim);
    statements.filter_map(|statement| statement.split_once(char::is_whitespace)).any(|(word, rest)| {
        let rest = rest.trim_start();
        match word {
            "print" => rest.starts_with(is_operand) || rest.starts_with(">>"),
            "exec" => rest.starts_with(is_operand),
            "raise" => rest.split_once(',').is_some_and(|(class, _)| class.chars().all(is_word)),
            _ => false,
        }
    })
}

fn is_operand(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '"' | '\'' | '_' | '`' | '%')
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_of_python_2_are_known_by_their_line() {
        for line in ["print \"x\"", "print x, y", "if x: print 'a'", "exec code in scope", "raise ValueError, 'x'"] {
            assert!(is_second(line), "{line}");
        }
        for line in ["print(x)", "print (x)", "printer x", "raise ValueError('a, b')", "x = print", "def f(:"] {
            assert!(!is_second(line), "{line}");
        }
    }

    #[test]
    fn a_line_is_found_from_any_byte() {
        assert_eq!(line_at("a\n  bé\nc", 5), "bé");
        assert_eq!(line_at("a\nb", 99), "b");
        assert_eq!(line_at("é", 1), "");
    }
}
