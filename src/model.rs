//! The facts, typed: what a repository says about its MCP servers, each with its place.
//!
//! A fact that checks ask about is a *subject*: a struct declared with [`subject!`], which also gives rules their field
//! table. Three-valued fields are [`Known`]: absent, known, or unknown with the reason. Unknown is never safe.

pub mod boundary;
pub mod confinement;
pub mod container;
pub mod definition;
pub mod effect;
pub mod evidence;
pub mod known;
pub mod offer;
pub mod pod;
pub mod policy;
pub mod project;
pub mod server;
pub mod state;
pub mod subject;
pub mod text;
pub mod tool;
pub mod usage;
pub mod version;

/// Gaps, under the name they had here.
pub use crate::gap;
pub use crate::gap::{Gap, GapKind};
use crate::model::subject::SubjectRef;
pub use evidence::{Evidence, Note};
pub use known::{Known, Spanned, Unknown};
pub use subject::{About, Field, ServerId, Shape, Subject, SubjectKind, ToolId};

/// Everything a rule can know, in the order found (servers by root, the rest by place).
#[derive(Debug, Default)]
pub struct Facts {
    /// MCP servers; [`ServerId`] is the position.
    pub servers: Vec<server::Server>,
    /// Tools; [`ToolId`] is the position.
    pub tools: Vec<tool::Tool>,
    /// Parameters of tools, leaf by leaf.
    pub parameters: Vec<tool::Parameter>,
    /// Effects that tools reach.
    pub effects: Vec<effect::Effect>,
    /// Arguments of tools that arrive at effects.
    pub arrivals: Vec<effect::Arrival>,
    /// Prompts and resources of servers.
    pub offers: Vec<offer::Offer>,
    /// Entries of client and host configurations that launch or reach a server.
    pub definitions: Vec<definition::Definition>,
    /// Entries shown in README and other documentation; no deployment, so no check is asked about them.
    pub documented: Vec<definition::Definition>,
    /// Values handed to a server's process or requests by configuration and manifests.
    pub settings: Vec<definition::Setting>,
    /// Host-wide switches that decide what is approved or enabled.
    pub host_settings: Vec<definition::HostSetting>,
    /// How access is authorised: OAuth metadata, and what clients ask for.
    pub authorizations: Vec<definition::Authorization>,
    /// Boundary documents, one per file.
    pub boundary_documents: Vec<boundary::BoundaryDocument>,
    /// Tool entries of boundary documents.
    pub boundaries: Vec<boundary::Boundary>,
    /// Containers, from whatever file confines them.
    pub containers: Vec<container::Container>,
    /// What really confines each server, one for each.
    pub confinements: Vec<confinement::Confinement>,
    /// Mounts of containers.
    pub mounts: Vec<container::Mount>,
    /// Ports of containers.
    pub ports: Vec<container::Port>,
    /// Pods.
    pub pods: Vec<pod::Pod>,
    /// Ways into servers from outside of their cluster.
    pub entries: Vec<pod::Entry>,
    /// Stores, credentials and folders of production, where other environments are described as well.
    pub states: Vec<state::State>,
    /// Container images named or built.
    pub images: Vec<container::Image>,
    /// Text that reaches a model.
    pub texts: Vec<text::ModelText>,
    /// Things that look like credentials.
    pub secrets: Vec<project::Secret>,
    /// Network listeners and transports in code.
    pub listeners: Vec<server::Listener>,
    /// Declared dependencies.
    pub dependencies: Vec<project::Dependency>,
    /// Package manifests, with their lock files.
    pub packages: Vec<project::Package>,
    /// Steps of CI workflows.
    pub workflow_steps: Vec<project::WorkflowStep>,
    /// Jobs of CI workflows.
    pub workflow_jobs: Vec<project::WorkflowJob>,
    /// Places in code where safety depends on how a library or the language is used.
    pub usages: Vec<usage::Usage>,
    /// Lists of tools that settings cut down.
    pub selections: Vec<policy::Selection>,
    /// Environments and secrets handed over to what is started or made.
    pub handovers: Vec<policy::Handover>,
    /// What could not be read, parsed or resolved.
    pub gaps: Vec<Gap>,
}

impl Facts {
    /// Every subject of a kind, in order.
    pub fn subjects(&self, kind: SubjectKind) -> Vec<SubjectRef<'_>> {
        fn all<'a, T>(list: &'a [T], wrap: fn(&'a T) -> SubjectRef<'a>) -> Vec<SubjectRef<'a>> {
            list.iter().map(wrap).collect()
        }
        match kind {
            SubjectKind::Server => all(&self.servers, SubjectRef::Server),
            SubjectKind::Tool => all(&self.tools, SubjectRef::Tool),
            SubjectKind::Parameter => all(&self.parameters, SubjectRef::Parameter),
            SubjectKind::Effect => all(&self.effects, SubjectRef::Effect),
            SubjectKind::Arrival => all(&self.arrivals, SubjectRef::Arrival),
            SubjectKind::Definition => all(&self.definitions, SubjectRef::Definition),
            SubjectKind::Setting => all(&self.settings, SubjectRef::Setting),
            SubjectKind::HostSetting => all(&self.host_settings, SubjectRef::HostSetting),
            SubjectKind::Authorization => all(&self.authorizations, SubjectRef::Authorization),
            SubjectKind::BoundaryDocument => all(&self.boundary_documents, SubjectRef::BoundaryDocument),
            SubjectKind::Boundary => all(&self.boundaries, SubjectRef::Boundary),
            SubjectKind::Container => all(&self.containers, SubjectRef::Container),
            SubjectKind::Confinement => all(&self.confinements, SubjectRef::Confinement),
            SubjectKind::Mount => all(&self.mounts, SubjectRef::Mount),
            SubjectKind::Port => all(&self.ports, SubjectRef::Port),
            SubjectKind::Pod => all(&self.pods, SubjectRef::Pod),
            SubjectKind::State => all(&self.states, SubjectRef::State),
            SubjectKind::Entry => all(&self.entries, SubjectRef::Entry),
            SubjectKind::Image => all(&self.images, SubjectRef::Image),
            SubjectKind::ModelText => all(&self.texts, SubjectRef::ModelText),
            SubjectKind::Secret => all(&self.secrets, SubjectRef::Secret),
            SubjectKind::Listener => all(&self.listeners, SubjectRef::Listener),
            SubjectKind::Dependency => all(&self.dependencies, SubjectRef::Dependency),
            SubjectKind::Package => all(&self.packages, SubjectRef::Package),
            SubjectKind::WorkflowStep => all(&self.workflow_steps, SubjectRef::WorkflowStep),
            SubjectKind::WorkflowJob => all(&self.workflow_jobs, SubjectRef::WorkflowJob),
            SubjectKind::Usage => all(&self.usages, SubjectRef::Usage),
            SubjectKind::Selection => all(&self.selections, SubjectRef::Selection),
            SubjectKind::Handover => all(&self.handovers, SubjectRef::Handover),
        }
    }

    /// The server behind an id.
    pub fn server(&self, id: ServerId) -> &server::Server {
        &self.servers[id.index()]
    }

    /// The tool behind an id.
    pub fn tool(&self, id: ToolId) -> &tool::Tool {
        &self.tools[id.index()]
    }

    /// The tools of a server, in order.
    pub fn tools_of(&self, server: ServerId) -> impl Iterator<Item = (ToolId, &tool::Tool)> {
        let all = self.tools.iter().enumerate().map(|(at, tool)| (ToolId(at as u32), tool));
        all.filter(move |(_, tool)| tool.about.server == Some(server))
    }
}
