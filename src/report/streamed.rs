//! A result that is written while it is put together: what is said of one tool or finding is forgotten with its line.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};
use std::sync::mpsc::{self, SyncSender};
use std::thread;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::code::limits::STACK;
use crate::model::ServerId;
use crate::report::json_types::{ReportDocument, Server};
use crate::report::{Report, convert};

/// Bytes after which the lines that are whole are passed on.
const AT_ONCE: usize = 1 << 16;
/// Pieces that wait to be written at most.
const WAITING: usize = 16;

/// A result, put together piece by piece where it is large. Reads like the [`ReportDocument`] of the same report.
pub struct Streamed<'r>(pub &'r Report);

impl Serialize for Streamed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let report = self.0;
        let ReportDocument {
            schema,
            tool,
            date,
            source,
            gate,
            servers: _,
            findings: _,
            gaps,
            waivers,
            attestations,
            answers,
            inputs,
            skipped,
        } = convert::frame(report);
        let servers = || convert::server_ids(report).map(|id| OneServer(report, id));
        let findings = || report.assessment.findings.iter().map(|finding| convert::finding(report, finding));
        let mut document = serializer.serialize_struct("ReportDocument", 13)?;
        document.serialize_field("schema", &schema)?;
        document.serialize_field("tool", &tool)?;
        document.serialize_field("date", &date)?;
        document.serialize_field("source", &source)?;
        document.serialize_field("gate", &gate)?;
        document.serialize_field("servers", &Each(servers))?;
        document.serialize_field("findings", &Each(findings))?;
        document.serialize_field("gaps", &gaps)?;
        document.serialize_field("waivers", &waivers)?;
        document.serialize_field("attestations", &attestations)?;
        document.serialize_field("answers", &answers)?;
        document.serialize_field("inputs", &inputs)?;
        document.serialize_field("skipped", &skipped)?;
        document.end()
    }
}

/// A judged server, tool by tool.
struct OneServer<'r>(&'r Report, ServerId);

impl Serialize for OneServer<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(report, id) = *self;
        let Server {
            name,
            root,
            kind,
            inventory,
            openings,
            transports,
            sdk,
            tools: _,
            unlisted: _,
            prompts,
            resources,
            definitions,
            documented,
            confinement,
            effective_confinement,
            frameworks,
        } = convert::server_frame(report, id, true);
        let mut server = serializer.serialize_struct("Server", 16)?;
        server.serialize_field("name", &name)?;
        server.serialize_field("root", &root)?;
        server.serialize_field("kind", &kind)?;
        server.serialize_field("inventory", &inventory)?;
        server.serialize_field("openings", &openings)?;
        server.serialize_field("transports", &transports)?;
        server.serialize_field("sdk", &sdk)?;
        server.serialize_field("tools", &Each(|| convert::tools(report, id, true)))?;
        server.serialize_field("unlisted", &Each(|| convert::tools(report, id, false)))?;
        server.serialize_field("prompts", &prompts)?;
        server.serialize_field("resources", &resources)?;
        server.serialize_field("definitions", &definitions)?;
        server.serialize_field("documented", &documented)?;
        server.serialize_field("confinement", &confinement)?;
        server.serialize_field("effective_confinement", &effective_confinement)?;
        match frameworks {
            Some(frameworks) => server.serialize_field("frameworks", &frameworks)?,
            None => server.skip_field("frameworks")?,
        }
        server.end()
    }
}

/// A list whose elements are made one after the other.
struct Each<F>(F);

impl<F: Fn() -> I, I: Iterator<Item: Serialize>> Serialize for Each<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// Writes what another thread puts together, while it goes on with the next.
///
/// # Errors
/// Those of what is written to, or else those of putting it together.
pub fn handed_over(
    out: &mut dyn Write,
    make: impl FnOnce(&mut BufWriter<Pieces>) -> serde_json::Result<()> + Send,
) -> io::Result<()> {
    let (sender, pieces) = mpsc::sync_channel(WAITING);
    thread::scope(|scope| {
        // Schemas of the tree are as deep here as where they were read.
        let maker = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, move || {
            let mut made = BufWriter::with_capacity(AT_ONCE, Pieces(sender));
            make(&mut made).map_err(io::Error::from).and_then(|()| made.flush())
        })?;
        // Where writing fails, the channel ends here, and the maker with it.
        let written = pieces.into_iter().try_for_each(|piece: Vec<u8>| out.write_all(&piece));
        let made = maker.join().unwrap_or_else(|_| Err(io::Error::other("the result could not be put together")));
        written.and(made)
    })
}

/// Where one thread leaves for another what is to be written.
pub struct Pieces(SyncSender<Vec<u8>>);

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send(bytes.to_vec()).map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Passes text on by whole lines, each as `alter` makes it.
pub struct Lines<'o, A> {
    out: &'o mut dyn Write,
    alter: A,
    waiting: Vec<u8>,
}

impl<'o, A: Fn(&str) -> Cow<'_, str>> Lines<'o, A> {
    /// Nothing written yet.
    pub fn new(out: &'o mut dyn Write, alter: A) -> Self {
        Self { out, alter, waiting: Vec::new() }
    }

    /// Passes on what is left.
    ///
    /// # Errors
    /// Those of what is written to.
    pub fn finish(mut self) -> io::Result<()> {
        self.pass(self.waiting.len())?;
        self.out.flush()
    }

    fn pass(&mut self, length: usize) -> io::Result<()> {
        let lines = self.waiting.get(..length).unwrap_or_default();
        let text = std::str::from_utf8(lines).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        self.out.write_all((self.alter)(text).as_bytes())?;
        self.waiting.drain(..length);
        Ok(())
    }
}

impl<A: Fn(&str) -> Cow<'_, str>> Write for Lines<'_, A> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= AT_ONCE
            && let Some(last) = self.waiting.iter().rposition(|byte| *byte == b'\n')
        {
            self.pass(last + 1)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{View, format, json, sample};

    #[test]
    fn what_is_written_piece_by_piece_is_the_document() {
        let report = sample::failing();
        let whole = json::print(&convert::report(&report));
        let mut pieces = Vec::new();
        format("json").unwrap().write(&report, &View::default(), &mut pieces).unwrap();
        assert_eq!(String::from_utf8(pieces).unwrap(), whole);
    }

    #[test]
    fn lines_are_altered_whole() {
        let mut out = Vec::new();
        let mut lines = Lines::new(&mut out, |text| Cow::Owned(text.replace("a\u{e9}b", "x")));
        let line = "-".repeat(AT_ONCE - 3) + "a\u{e9}b\n";
        for part in line.as_bytes().chunks(7) {
            lines.write_all(part).unwrap();
        }
        lines.write_all("a\u{e9}b".as_bytes()).unwrap();
        lines.finish().unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "-".repeat(AT_ONCE - 3) + "x\nx");
    }
}
