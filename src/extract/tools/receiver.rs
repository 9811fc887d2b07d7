//! What registering methods are called on, and what registering functions are given: the servers.

use crate::code::ValueKind;
use crate::extract::tools::register::Registrar;
use crate::extract::tools::server::{Key, KindId, canonical};
use crate::extract::tools::site::{self, Told};
use crate::flow::meaning::Meaning;
use crate::flow::{Frame, In, ValueRef};

impl Registrar<'_> {
    pub(super) fn servers_of(&self, base: ValueRef, frame: &Frame) -> Vec<(Key, KindId)> {
        let flow = self.flow();
        // `mcpServer.server.setRequestHandler`: the inner server is part of the outer one.
        if let Some((outer, name)) = self.kinds.field_of(base)
            && matches!(name.as_str(), "server" | "_mcp_server")
        {
            let (meaning, _) = flow.asking(|| flow.meaning(outer, frame));
            let found = self.kinds.servers(&meaning, base);
            if !found.is_empty() && !matches!(meaning, Meaning::This(_)) {
                return found;
            }
        }
        let (meaning, _) = flow.asking(|| flow.meaning(base, frame));
        self.kinds.servers(&meaning, base)
    }

    /// Whether what a method is called on is a server in any of the calls around it. Asked first, since what the arguments
    /// are may hang on much more.
    pub(super) fn may_serve(&self, at: ValueRef, base: ValueRef) -> bool {
        let flow = self.flow();
        if let Meaning::This(class) = flow.asking(|| flow.meaning(base, &None)).0
            && !self.kinds.is_above_server(class)
        {
            return false;
        }
        let frames = flow.frames(at, &|frame: &Frame| flow.look(&flow.meaning(base, frame), 1));
        frames.iter().any(|reached| !self.servers_of(base, &reached.frame).is_empty())
    }

    /// Whether what a method is called on is given to the function that calls it, and is a server in one of its calls:
    /// `def serve(mcp): mcp.run(…)`.
    pub(super) fn is_handed_over(&self, at: ValueRef, base: ValueRef) -> bool {
        let flow = self.flow();
        let Meaning::Parameter(function, position) = flow.asking(|| flow.meaning(base, &None)).0 else { return false };
        if !self.servers_of(base, &None).is_empty() {
            return false;
        }
        if let Some(known) = self.handed.borrow().get(&(function, position)) {
            return *known;
        }
        // Everything with a `run` is asked, sessions of databases too.
        let found = self.may_serve(at, base);
        self.handed.borrow_mut().insert((function, position), found);
        found
    }

    /// Whether a call is of a function from outside, not of a server's method.
    pub(super) fn is_function(&self, at: ValueRef, frame: &Frame) -> bool {
        let flow = self.flow();
        let callee = match (self.kinds.method_of(at), flow.kind(at)) {
            (Some((base, _)), _) => base,
            (None, ValueKind::Call(call)) => In { module: at.module, id: call.callee },
            _ => return false,
        };
        matches!(flow.asking(|| flow.meaning(callee, frame)).0, Meaning::Outside(_))
    }

    /// The server that a registering function is given.
    pub(super) fn function_servers(&self, at: ValueRef, frame: &Frame) -> Vec<(Key, KindId)> {
        let flow = self.flow();
        let ValueKind::Call(code) = flow.kind(at) else { return Vec::new() };
        let (callee, _) = flow.asking(|| flow.meaning(In { module: at.module, id: code.callee }, frame));
        let Meaning::Outside(origin) = callee else { return Vec::new() };
        for (sdk, table) in self.kinds.sdks.all.iter().enumerate() {
            for (position, server) in table.servers.iter().enumerate() {
                let slot = server
                    .methods
                    .iter()
                    .find(|method| canonical(&method.name) == canonical(&origin))
                    .and_then(|method| method.server.as_ref());
                let Some(slot) = slot else { continue };
                let told = Told::Arguments(flow.passed(at, frame));
                let given = site::first(flow, &told, std::slice::from_ref(slot));
                let found = given.map(|filled| self.kinds.servers(&filled.meaning, at)).unwrap_or_default();
                // What the SDK's own function is given is a server, wherever it was made.
                let kind = (sdk, position);
                return if found.is_empty() { vec![(Key::Given(kind, at.module), kind)] } else { found };
            }
        }
        Vec::new()
    }
}
