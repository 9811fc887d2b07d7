//! Accepted risks: which findings and items they cover, and what is wrong with those that cover none.

use std::collections::BTreeMap;

use crate::assess::inline::inline;
use crate::assess::judge::Inputs;
use crate::assess::{Finding, Waiver, findings};
use crate::config::is_under;
use crate::model::{Evidence, ServerId};
use crate::source::Span;

/// All waivers of a run.
#[derive(Debug, Default)]
pub struct Waivers {
    /// From the configuration in its order, then from comments by place.
    pub all: Vec<Waiver>,
    /// Line that the waiver at a position covers, for those in comments.
    lines: BTreeMap<usize, u32>,
    /// Comments that would be waivers but lack something.
    broken: Vec<(Span, String)>,
}

/// Gathers the waivers of the configuration and of the comments.
pub fn gather(inputs: &Inputs<'_>) -> Waivers {
    let config = inputs.config;
    // The configuration was read before the walk; where the tree holds the same text, its places are the tree's.
    let source = inputs.sources.find(&config.path).filter(|id| inputs.sources.get(*id).text() == config.text);
    let of_entry = |entry: &crate::config::WaiverEntry| {
        let line = config.text.get(..entry.span.start as usize).map_or(1, |before| before.matches('\n').count() + 1);
        Waiver {
            of: entry.of.clone(),
            server: entry.server.clone(),
            tool: entry.tool.clone(),
            path: entry.path.clone(),
            reason: entry.reason.clone(),
            owner: Some(entry.owner.clone()),
            expires: entry.expires.clone(),
            span: source.map(|id| Span::new(id, entry.span.start as usize, entry.span.end as usize)),
            file: config.path.clone(),
            line: u32::try_from(line).unwrap_or(u32::MAX),
            inline: false,
            used: 0,
            expired: false,
        }
    };
    let mut waivers = Waivers { all: config.waivers.iter().map(of_entry).collect(), ..Waivers::default() };
    let in_comments = inline(inputs.comments, inputs.sources, &inputs.catalogue.rules);
    for (waiver, line) in in_comments.waivers {
        waivers.lines.insert(waivers.all.len(), line);
        waivers.all.push(waiver);
    }
    waivers.broken = in_comments.broken;
    for waiver in &mut waivers.all {
        waiver.expired = waiver.expires.as_str() < inputs.today;
    }
    waivers
}

impl Waivers {
    /// Marks every finding that a waiver of its check covers.
    pub fn cover(&mut self, findings: &mut [Finding], inputs: &Inputs<'_>) {
        for finding in findings {
            let covering = (0..self.all.len()).find(|at| {
                let waiver = &self.all[*at];
                !waiver.expired && waiver.of == finding.check && self.reaches(*at, finding, inputs)
            });
            if let Some(at) = covering {
                self.all[at].used += 1;
                finding.waiver = Some(at);
            }
        }
    }

    fn reaches(&self, at: usize, finding: &Finding, inputs: &Inputs<'_>) -> bool {
        let waiver = &self.all[at];
        let span = finding.evidence.primary.span;
        if let Some(line) = self.lines.get(&at) {
            let same_file = waiver.span.is_some_and(|own| own.source == span.source);
            return same_file && inputs.sources.start(span).line == *line;
        }
        let server = finding.server.map(|id| inputs.facts.server(id).about.name.as_str());
        let fits = |wanted: &Option<String>, own: Option<&str>| wanted.as_deref().is_none_or(|name| own == Some(name));
        fits(&waiver.server, server)
            && fits(&waiver.tool, finding.tool.as_deref())
            && waiver.path.as_deref().is_none_or(|path| is_under(inputs.sources.path(span.source), path))
    }

    /// The waiver of a whole item for a server. One that names a tool or a path covers findings, never a whole item.
    pub fn of_item(&self, item: &str, server: ServerId, inputs: &Inputs<'_>) -> Option<usize> {
        let name = inputs.facts.server(server).about.name.as_str();
        self.all.iter().position(|waiver| {
            !waiver.expired
                && waiver.of == item
                && waiver.tool.is_none()
                && waiver.path.is_none()
                && waiver.server.as_deref().is_none_or(|wanted| wanted == name)
        })
    }

    /// The waiver of an item that reaches one finding.
    pub fn of_item_for(&self, item: &str, finding: &Finding, inputs: &Inputs<'_>) -> Option<usize> {
        (0..self.all.len()).find(|at| {
            let waiver = &self.all[*at];
            !waiver.expired && waiver.of == item && self.reaches(*at, finding, inputs)
        })
    }

    /// Findings about the waivers themselves: expired, unused, without reason or date.
    pub fn findings(&self, inputs: &Inputs<'_>) -> Vec<Finding> {
        let rules = &inputs.catalogue.rules;
        let mut found = Vec::new();
        for waiver in &self.all {
            let Some(span) = waiver.span else { continue };
            let of = &waiver.of;
            if waiver.expired {
                let text = format!("the waiver of `{of}` ended on {} and covers nothing", waiver.expires);
                found.extend(findings::own("waiver-expired", rules, of, Evidence::at(span, text)));
            } else if waiver.used == 0 {
                let text = format!("the waiver of `{of}` covers nothing that fails");
                found.extend(findings::own("waiver-unused", rules, of, Evidence::at(span, text)));
            }
        }
        for (span, lack) in &self.broken {
            let text = format!("the waiver {lack}, so it does not count");
            found.extend(findings::own("waiver-without-reason", rules, "waiver", Evidence::at(*span, text)));
        }
        found
    }
}
