//! Published ports: `[address:][published:]target[/protocol]`.

use super::interpolate;
use crate::model::About;
use crate::model::container::Port;
use crate::model::known::{Known, Spanned};
use crate::source::Span;

/// Makes the fact; no address means every interface.
pub fn build(address: Known<String>, published: Known<String>, target: Known<String>, span: Span) -> Port {
    let all_interfaces = match &address {
        Known::Absent => Known::is(true, span),
        Known::Is(address) => Known::is(!is_loopback(&address.value), address.span),
        Known::Unknown(unknown) => Known::Unknown(unknown.clone()),
    };
    let name = published.value().or(target.value()).cloned().unwrap_or_else(|| "port".into());
    Port { about: About::new(name, span), host_address: address, published, target, all_interfaces }
}

/// Whether an address is reachable from its own machine only.
pub fn is_loopback(address: &str) -> bool {
    let address = address.trim().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    address.starts_with("127.") || matches!(address.as_str(), "::1" | "localhost" | "ip6-localhost")
}

/// Reads the short syntax.
pub fn short(text: &Spanned<String>) -> Port {
    let known = |value: &str| match value {
        "" => Known::Absent,
        value => interpolate::known(value, text.span),
    };
    let (address, rest) = match text.value.strip_prefix('[').and_then(|rest| rest.split_once("]:")) {
        Some((address, rest)) => (address.to_string(), rest.to_string()),
        None => (String::new(), text.value.clone()),
    };
    let mut fields = super::mount::split_fields(&rest);
    let target = fields.pop().unwrap_or_default();
    let target = target.rsplit_once('/').map_or(target.clone(), |(port, _)| port.to_string());
    let published = fields.pop().unwrap_or_default();
    let address = if address.is_empty() { fields.join(":") } else { address };
    if fields.is_empty()
        && address.is_empty()
        && interpolate::has_variable(&rest)
        && interpolate::resolve(&rest).is_err()
    {
        // `${BIND}` alone may hold an address as well as a port.
        let reason = interpolate::resolve(&rest).err().unwrap_or_default();
        if published.is_empty() {
            return build(Known::unknown(reason, text.span), Known::Absent, known(&target), text.span);
        }
    }
    build(known(&address), known(&published), known(&target), text.span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    #[test]
    fn a_port_without_a_loopback_address_is_on_all_interfaces() {
        let mut sources = Sources::default();
        let span = Span::new(sources.add_text("x", ""), 0, 0);
        let cases = [
            ("8080", None, Some(true), "8080"),
            ("8080:80", None, Some(true), "80"),
            ("127.0.0.1:8080:80/tcp", Some("127.0.0.1"), Some(false), "80"),
            ("127.0.0.1::80", Some("127.0.0.1"), Some(false), "80"),
            ("0.0.0.0:80:80", Some("0.0.0.0"), Some(true), "80"),
            ("[::1]:80:80", Some("::1"), Some(false), "80"),
            ("[::]:80:80", Some("::"), Some(true), "80"),
            ("::1:80:80", Some("::1"), Some(false), "80"),
            ("${BIND:-127.0.0.1}:80:80", Some("127.0.0.1"), Some(false), "80"),
            ("${BIND}:80:80", None, None, "80"),
            ("${PORT:-9000}:80", None, Some(true), "80"),
            ("3000-3005:3000-3005", None, Some(true), "3000-3005"),
        ];
        for (text, address, all, target) in cases {
            let port = short(&Spanned::new(text.to_string(), span));
            assert_eq!(port.host_address.value().map(String::as_str), address, "{text}");
            assert_eq!(port.all_interfaces.value().copied(), all, "{text}");
            assert_eq!(port.target.value().map(String::as_str), Some(target), "{text}");
        }
    }
}
