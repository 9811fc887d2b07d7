//! How high a tree the tokens so far can make.

use super::{Excess, MAX_DEPTH, MAX_HEIGHT};

/// One open bracket, block, element or indentation level.
#[derive(Clone, Copy, Debug, Default)]
pub struct Frame {
    /// Its opening byte; letters stand for what has no bracket of its own.
    pub kind: u8,
    /// Infix and prefix operators since the last boundary.
    ops: u32,
    /// Members and calls since the last operator.
    post: u32,
    /// Most members and calls on one operand since the last boundary.
    post_max: u32,
    /// What outlives a comma: nested statements without braces, lambdas, `else` branches.
    held: u32,
    /// Highest closed bracket since the last boundary.
    inner: u32,
    /// Highest part before the last boundary.
    done: u32,
    /// Whether a statement has just ended.
    ended: bool,
    /// Free for the scanner: a head of `if` or `while`, the format part of a hole.
    pub marked: bool,
    /// Free for the scanner: the quote of a template, the width of an indentation.
    pub detail: u32,
}

impl Frame {
    fn chain(&self) -> u32 {
        self.ops + self.held + self.post_max.max(self.post) + self.inner
    }

    fn height(&self) -> u32 {
        self.done.max(self.chain())
    }

    /// Whether it is a bracket that comparisons may leave open.
    fn is_light(&self) -> bool {
        self.kind == b'<'
    }
}

/// The open frames and the height that they add up to.
#[derive(Debug)]
pub struct Depth {
    frames: Vec<Frame>,
    /// Open frames of each kind, so that a stray closing bracket costs nothing.
    open: [u32; 128],
    nesting: usize,
    sum: usize,
}

impl Depth {
    /// Nothing open.
    pub fn new() -> Self {
        Self { frames: vec![Frame::default()], open: [0; 128], nesting: 0, sum: 0 }
    }

    /// The innermost frame.
    pub fn top(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("the outermost frame is never popped")
    }

    /// Kind of the innermost frame.
    pub fn kind(&self) -> u8 {
        self.frames.last().map_or(0, |frame| frame.kind)
    }

    /// Whether a frame of this kind is open.
    pub fn is_open(&self, kind: u8) -> bool {
        self.open[usize::from(kind & 127)] > 0
    }

    /// Opens a frame.
    pub fn push(&mut self, kind: u8, at: usize) -> Result<(), Excess> {
        let frame = Frame { kind, ..Frame::default() };
        self.open[usize::from(kind & 127)] += 1;
        self.nesting += usize::from(!frame.is_light());
        self.sum += 1;
        self.frames.push(frame);
        if self.nesting > MAX_DEPTH {
            return Err(Excess { offset: at, what: "is nested more than 2000 levels deep" });
        }
        self.bounded(self.sum, at)
    }

    /// Closes the innermost frame.
    pub fn pop(&mut self, at: usize) -> Result<(), Excess> {
        if self.frames.len() < 2 {
            return Ok(());
        }
        let frame = self.frames.pop().unwrap_or_default();
        self.open[usize::from(frame.kind & 127)] -= 1;
        self.nesting -= usize::from(!frame.is_light());
        self.sum -= (1 + frame.ops + frame.held + frame.post) as usize;
        let height = frame.height() + 1;
        let top = self.top();
        top.inner = top.inner.max(height);
        let total = top.chain() as usize;
        self.bounded(total, at)
    }

    /// Closes frames up to and with the innermost one of a kind; nothing where none is open.
    pub fn close(&mut self, kind: u8, at: usize) -> Result<bool, Excess> {
        if !self.is_open(kind) {
            return Ok(false);
        }
        while self.kind() != kind {
            self.pop(at)?;
        }
        self.pop(at)?;
        Ok(true)
    }

    /// Closes comparisons that looked like type arguments.
    pub fn drop_light(&mut self, at: usize) -> Result<(), Excess> {
        while self.kind() == b'<' {
            self.pop(at)?;
        }
        Ok(())
    }

    /// An infix or prefix operator.
    pub fn op(&mut self, at: usize) -> Result<(), Excess> {
        let top = self.top();
        let post = std::mem::take(&mut top.post);
        top.post_max = top.post_max.max(post);
        top.ops += 1;
        self.sum = self.sum + 1 - post as usize;
        self.bounded(self.sum, at)
    }

    /// A member, a call or another suffix.
    pub fn post(&mut self, at: usize) -> Result<(), Excess> {
        self.top().post += 1;
        self.sum += 1;
        self.bounded(self.sum, at)
    }

    /// Something that nests what follows until the statement ends.
    pub fn hold(&mut self, at: usize) -> Result<(), Excess> {
        self.top().held += 1;
        self.sum += 1;
        self.bounded(self.sum, at)
    }

    /// The next part is beside the last one, under the same statement.
    pub fn comma(&mut self) {
        let top = self.top();
        top.done = top.height();
        let gone = top.ops + top.post;
        (top.ops, top.post, top.post_max, top.inner) = (0, 0, 0, 0);
        self.sum -= gone as usize;
    }

    /// A statement has ended; whether the next one continues it, as `else` does, is not known yet.
    pub fn end(&mut self) {
        self.comma();
        self.top().ended = true;
    }

    /// The first token after a boundary: `continues` where it belongs to the statement before.
    pub fn resume(&mut self, continues: bool) {
        let top = self.top();
        if !std::mem::take(&mut top.ended) || continues {
            return;
        }
        let held = std::mem::take(&mut top.held);
        self.sum -= held as usize;
    }

    /// Closes everything at the end of the text.
    pub fn finish(&mut self, at: usize) -> Result<(), Excess> {
        while self.frames.len() > 1 {
            self.pop(at)?;
        }
        let height = self.top().height() as usize;
        self.bounded(height, at)
    }

    fn bounded(&self, height: usize, at: usize) -> Result<(), Excess> {
        if height <= MAX_HEIGHT {
            return Ok(());
        }
        Err(Excess { offset: at, what: "chains more than 12000 operators, members or branches in one statement" })
    }
}
