//! What no file may do to the reader, whatever stands in it.
use super::*;

const ALL: [Tongue; 5] = [Tongue::Java, Tongue::Kotlin, Tongue::CSharp, Tongue::Ruby, Tongue::Php];

fn read(tongue: Tongue, text: &str) -> (Outline, Vec<Gap>) {
    let mut sources = crate::source::Sources::default();
    let id = sources.add_text("x", text);
    parse(id, tongue, text)
}

#[test]
fn hostile_text_ends_in_an_outline_or_a_gap() {
    for tongue in ALL {
        for shape in [
            "(",
            "[",
            "{",
            "f(",
            "a.",
            "!",
            "<",
            "\"",
            "'",
            "\"\"\"",
            "`",
            "/*",
            "#{",
            "${",
            "<<~A\n",
            "@A(",
            "#[A(",
            "[A(",
            "class A {",
            "a + ",
            "a ? ",
            "if (x) {} else ",
            "x -> ",
            "<?php ",
        ] {
            for times in [400, 100_000] {
                let text = format!("class A {{ f({}", shape.repeat(times));
                let (outline, gaps) = read(tongue, &text);
                let is_told =
                    !gaps.is_empty() || outline.types.len() + outline.calls.len() + outline.functions.len() > 0;
                assert!(is_told || matches!(tongue, Tongue::Php), "{tongue:?} {shape}");
            }
        }
    }
}

#[test]
fn deep_brackets_end_in_a_gap() {
    for tongue in ALL {
        let text = format!("x = {}1{};", "(".repeat(100_000), ")".repeat(100_000));
        let text = if tongue == Tongue::Php { format!("<?php ${text}") } else { text };
        let (_, gaps) = read(tongue, &text);
        assert!(!gaps.is_empty(), "{tongue:?}");
    }
}

#[test]
fn long_chains_of_calls_are_read() {
    let text = format!("class A {{ Object x = a{}; }}", ".b()".repeat(20_000));
    let (outline, _) = read(Tongue::Java, &text);
    assert!(outline.calls.len() <= 20_000);
}
