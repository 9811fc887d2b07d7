//! Text to credentials. Tokens are put together here, so that no scanner takes this file for a leak.

use super::*;

fn random(length: usize, alphabet: &str) -> String {
    let letters: Vec<char> = alphabet.chars().collect();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut step = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        letters[(state % letters.len() as u64) as usize]
    };
    (0..length).map(|_| step()).collect()
}

const MIXED: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &str = "0123456789abcdef";

fn shapes_in(text: &str) -> Vec<String> {
    find(text, false, false).into_iter().map(|found| found.shape).collect()
}

#[test]
fn each_provider_is_known_by_its_shape() {
    let mixed = |length| random(length, MIXED);
    let cases = [
        ("github-token", format!("ghp_{}", mixed(36))),
        ("github-fine-grained-token", format!("github_pat_{}_{}", mixed(22), mixed(59))),
        ("gitlab-token", format!("glpat-{}", mixed(20))),
        ("aws-access-key", format!("AKIA{}", random(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))),
        ("gcp-api-key", format!("AIza{}", mixed(35))),
        ("azure-storage-key", format!("AccountName=a;AccountKey={}==;", mixed(86))),
        ("slack-token", format!("xoxb-904817263514-{}", mixed(24))),
        (
            "slack-webhook",
            format!(
                "https://hooks.slack.com/services/T{}/B{}/{}",
                random(9, "ABCDEFGH23"),
                random(9, "ABCDEFGH23"),
                mixed(24)
            ),
        ),
        ("stripe-key", format!("sk_live_{}", mixed(24))),
        ("openai-key", format!("sk-{}T3BlbkFJ{}", mixed(20), mixed(20))),
        ("openai-key", format!("sk-proj-{}", mixed(48))),
        ("anthropic-key", format!("sk-ant-api03-{}", mixed(93))),
        ("npm-token", format!("npm_{}", mixed(36))),
        ("npm-auth-token", format!("//registry.npmjs.org/:_authToken={}", mixed(36))),
        ("pypi-token", format!("pypi-AgEIcHlwaS5vcmc{}", mixed(80))),
        ("sendgrid-key", format!("SG.{}.{}", mixed(22), mixed(43))),
        ("twilio-key", format!("SK{}", random(32, HEX))),
        ("private-key", format!("-----BEGIN RSA PRIVATE KEY-----\n{}\n", mixed(64))),
        ("private-key", format!("\"-----BEGIN PRIVATE KEY-----\\n{}\\n\"", mixed(64))),
        ("json-web-token", format!("eyJ{}.eyJ{}.{}", mixed(30), mixed(60), mixed(43))),
        ("database-url", format!("postgres://app:{}@db.internal/orders", mixed(14))),
        ("url-with-password", format!("https://app:{}@git.internal.net/x", mixed(14))),
    ];
    for (shape, text) in cases {
        assert_eq!(shapes_in(&text), [shape], "{text}");
    }
}

#[test]
fn telling_names_with_mixed_values_are_credentials() {
    let value = random(24, MIXED);
    for text in [
        format!("API_KEY = \"{value}\""),
        format!("const apiKey: string = '{value}';"),
        format!("{{\"client_secret\": \"{value}\"}}"),
        format!("settings['AUTH_TOKEN'] = `{value}`"),
        format!("password := \"{value}\""),
        "db_password = 'S7!kq-Wp2z'".to_string(),
    ] {
        assert_eq!(shapes_in(&text), ["assignment"], "{text}");
    }
    let bare = format!("# settings\nexport SECRET_KEY={value} # note\nNAME=x\n");
    assert_eq!(find(&bare, true, false).len(), 1);
    assert_eq!(find(&bare, false, false).len(), 0, "code has quotes");
}

#[test]
fn what_only_looks_like_a_credential_is_left_alone() {
    let mixed = random(36, MIXED);
    let integrity = format!("\"integrity\": \"sha512-{}==\"", random(86, MIXED));
    let public = format!("-----BEGIN PUBLIC KEY-----\n{}\n", random(64, MIXED));
    let private = "-----BEGIN PRIVATE KEY-----\nYOUR_KEY_HERE\n-----END PRIVATE KEY-----";
    let cases = [
        "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "token = \"<your-token>\"",
        "api_key = \"YOUR_API_KEY_123\"",
        "password = \"${DB_PASSWORD}\"",
        "password: \"changeme123\"",
        "const token = process.env.API_TOKEN_V2",
        "max_tokens = \"4096tokens8192\"",
        "tokenUrl = \"https://a.example/oauth2/token1\"",
        "SECRET_FILE = \"/run/secrets/db1Password\"",
        "token_id = \"550e8400-e29b-41d4-a716-446655440000\"",
        "postgres://postgres:postgres@localhost:5432/app",
        "postgresql://user:password@host/db",
        "postgres://{user}:{password}@{host}/db",
        "if (token === 'Abc123Def456Ghi789')",
        "commit = 'token' ",
        "api_key = 'phc_Qw3rT9yUi8oPa5sDf2gHj7kL'",
        "api_key: 'user-123-api-key'",
        "password_hash = \"$2b$12$abcdefghij1234567890AB\"",
        &integrity,
        &public,
        private,
        &mixed,
    ];
    for text in cases {
        assert_eq!(shapes_in(text), [] as [&str; 0], "{text}");
    }
}

#[test]
fn a_mask_never_shows_enough_to_use() {
    assert_eq!(mask("ghp_abcdefghijklmnopqrstuvwxyz0123456789"), "ghp_…89 (40)");
    assert_eq!(mask("hunter2!"), "h… (8)");
    assert_eq!(mask(""), "… (0)");
    assert_eq!(mask("éèêëéèêëéèêë"), "éè…êë (12)");
}

#[test]
fn settings_are_secret_by_shape_name_or_entropy() {
    let token = format!("ghp_{}", random(36, MIXED));
    let random = random(40, MIXED);
    let cases = [
        ("X", token.as_str(), Some("shape")),
        ("GITHUB_TOKEN", "${GITHUB_TOKEN}", Some("name")),
        ("DB_PASSWORD", "hunter22", Some("name")),
        ("apiKey", "${input:key}", Some("name")),
        ("SEED", random.as_str(), Some("entropy")),
        ("DB_PASSWORD", "<password>", None),
        ("DB_PASSWORD", "changeme", None),
        ("DB_PASSWORD_FILE", "/run/secrets/db", None),
        ("GOOGLE_APPLICATION_CREDENTIALS", "/app/key.json", None),
        ("MAX_TOKENS", "4096", None),
        ("PATH", "${PATH}", None),
        ("LOG_LEVEL", "debug", None),
        ("TOKEN_URL", "https://a.internal/token", None),
        ("KEYBOARD", "qwertz-de", None),
    ];
    for (name, value, expected) in cases {
        assert_eq!(looks_secret(name, value), expected, "{name}={value}");
    }
}
