//! Failing answers → findings with fingerprints that outlive moved lines.

use std::collections::BTreeMap;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::assess::Finding;
use crate::model::{Evidence, Facts, ServerId};
use crate::rules::{Answer, Answered, RuleSet};
use crate::source::{Sources, Span, hexadecimal};

/// The findings of all failing answers, in the order of the answers; and for each answer the position of its finding.
/// Answers that say the same of the same place, as of two transports bound at one address, are one finding.
pub fn findings(answered: &[Answered], rules: &RuleSet, facts: &Facts) -> (Vec<Finding>, Vec<Option<usize>>) {
    let mut all: Vec<Finding> = Vec::new();
    let mut known = BTreeMap::new();
    let mut positions = Vec::with_capacity(answered.len());
    for one in answered {
        let Answer::Fails(evidence) = &one.answer else {
            positions.push(None);
            continue;
        };
        let primary = &evidence.primary;
        let said = (one.rule, one.about.server, one.about.tool, primary.span, primary.text.as_str(), one.severity);
        let position = *known.entry(said).or_insert(all.len());
        positions.push(Some(position));
        if position < all.len() {
            continue;
        }
        let tool = one.about.tool.map(|id| facts.tool(id).about.name.clone());
        all.push(Finding {
            check: rules.rules[one.rule].id.clone(),
            severity: one.severity,
            confidence: one.confidence,
            server: one.about.server,
            tool,
            subject: one.about.name.clone(),
            message: evidence.primary.text.clone(),
            evidence: evidence.clone(),
            fingerprint: String::new(),
            waiver: None,
        });
    }
    (all, positions)
}

/// Gives each finding the digest of its check, path, subject and text; equal ones are told apart by their order.
pub fn fingerprint(all: &mut [Finding], sources: &Sources) {
    let digests: Vec<(Sha256, [u8; 32])> = all.par_iter().map(|finding| digest(finding, sources)).collect();
    let mut seen: BTreeMap<[u8; 32], u32> = BTreeMap::new();
    for (finding, (mut digest, own)) in all.iter_mut().zip(digests) {
        let ordinal = seen.entry(own).or_default();
        *ordinal += 1;
        finding.fingerprint = match *ordinal {
            1 => hexadecimal(&own),
            ordinal => {
                digest.update(ordinal.to_le_bytes());
                hexadecimal(&digest.finalize())
            }
        };
    }
}

/// The digest of what a finding says, as far as it is worked out, and as it is of the first that says so.
fn digest(finding: &Finding, sources: &Sources) -> (Sha256, [u8; 32]) {
    let span = finding.evidence.primary.span;
    let text = sources.slice(line_or_text(span, sources));
    let normal = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut digest = Sha256::new();
    for part in [finding.check.as_str(), sources.path(span.source), finding.subject.as_str(), normal.as_str()] {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    let own = digest.clone().finalize().into();
    (digest, own)
}

/// A place as it is hashed: at most 400 bytes, so that an edit far inside a function leaves its finding alone.
fn line_or_text(span: Span, sources: &Sources) -> Span {
    if span.range().len() <= 400 {
        return span;
    }
    let line = sources.start(span).line;
    match sources.line(span.source, line) {
        Some((text, start)) => Span::new(span.source, start as usize, start as usize + text.len()),
        None => span,
    }
}

/// Worst first within a server, the tree's own findings last; then by place and check.
pub fn order(one: &Finding, other: &Finding) -> std::cmp::Ordering {
    let key = |finding: &Finding| {
        let server = finding.server.map_or(u32::MAX, |ServerId(id)| id);
        (server, std::cmp::Reverse(finding.severity), finding.evidence.primary.span)
    };
    key(one).cmp(&key(other)).then_with(|| (&one.check, &one.fingerprint).cmp(&(&other.check, &other.fingerprint)))
}

/// A finding of the assessment itself, about a waiver.
pub fn own(check: &str, rules: &RuleSet, subject: &str, evidence: Evidence) -> Option<Finding> {
    let rule = rules.get(check)?;
    Some(Finding {
        check: check.to_string(),
        severity: rule.severity,
        confidence: rule.confidence,
        server: None,
        tool: None,
        subject: subject.to_string(),
        message: evidence.primary.text.clone(),
        evidence,
        fingerprint: String::new(),
        waiver: None,
    })
}
