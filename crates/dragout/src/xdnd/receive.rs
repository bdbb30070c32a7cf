//! The receiving side: what was heard in, what to answer out.
use crate::{DropEvent, PixelPoint};
use std::path::PathBuf;
use std::sync::Arc;

/// What the window allows.
pub trait Rules {
    /// Whether all of these files may be dropped.
    fn wants(&self, files: &[PathBuf]) -> bool;
    /// Whether files may be dropped here.
    fn is_in_zone(&self, at: PixelPoint) -> bool;
}

/// What came from a dragging program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// `XdndEnter`.
    Enter {
        /// The dragging program's window.
        source: u32,
        /// Whether it offers a list of URIs in a version that is spoken here.
        has_files: bool,
    },
    /// `XdndPosition`, in the window's own pixels.
    Position {
        /// The dragging program's window.
        source: u32,
        /// Where.
        at: PixelPoint,
        /// When, on the server's clock.
        time: u32,
    },
    /// `XdndLeave`, or the dragging program's window was destroyed.
    Leave {
        /// The dragging program's window.
        source: u32,
    },
    /// `XdndDrop`.
    Drop {
        /// The dragging program's window.
        source: u32,
        /// When, on the server's clock.
        time: u32,
    },
    /// The list of files that was asked for; empty when the program gave none.
    Files(Vec<PathBuf>),
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Ask for the list of files, as of this time.
    AskFiles {
        /// When, on the server's clock.
        time: u32,
    },
    /// Send `XdndStatus`.
    Status {
        /// To whom.
        source: u32,
        /// Whether a drop here would be taken.
        is_accepted: bool,
    },
    /// Send `XdndFinished`.
    Finished {
        /// To whom.
        source: u32,
        /// Whether the files were taken.
        is_taken: bool,
    },
    /// Tell the window.
    Tell(DropEvent),
}

/// One window that receives, one drag at a time: the latest to enter.
#[derive(Debug, Default)]
pub struct Receiver {
    visit: Option<Visit>,
    has_hovered: bool,
}

#[derive(Debug)]
struct Visit {
    source: u32,
    at: Option<PixelPoint>,
    files: Files,
    is_dropped: bool,
}

#[derive(Debug)]
enum Files {
    Offered,
    Asked,
    Here(Arc<[PathBuf]>),
    Unwanted,
}

impl Receiver {
    /// Takes what was heard and adds what to do to `answers`.
    pub fn handle(&mut self, heard: Heard, rules: &dyn Rules, answers: &mut Vec<Answer>) {
        match heard {
            Heard::Enter { source, has_files } => {
                self.left(answers);
                let files = if has_files { Files::Offered } else { Files::Unwanted };
                self.visit = Some(Visit { source, at: None, files, is_dropped: false });
            }
            Heard::Position { source, at, time } => self.moved(source, at, time, rules, answers),
            Heard::Leave { source } if self.is_visited_by(source) => {
                self.visit = None;
                self.left(answers);
            }
            Heard::Drop { source, time } => self.dropped(source, time, rules, answers),
            Heard::Files(files) => self.listed(files, rules, answers),
            Heard::Leave { .. } => {}
        }
    }

    fn is_visited_by(&self, source: u32) -> bool {
        self.visit.as_ref().is_some_and(|visit| visit.source == source)
    }

    fn left(&mut self, answers: &mut Vec<Answer>) {
        if std::mem::take(&mut self.has_hovered) {
            answers.push(Answer::Tell(DropEvent::Left));
        }
    }

    fn moved(&mut self, source: u32, at: PixelPoint, time: u32, rules: &dyn Rules, answers: &mut Vec<Answer>) {
        // One that never entered gets a plain no.
        let Some(visit) = self.visit.as_mut().filter(|visit| visit.source == source) else {
            return answers.push(Answer::Status { source, is_accepted: false });
        };
        visit.at = Some(at);
        if matches!(visit.files, Files::Offered) {
            visit.files = Files::Asked;
            answers.push(Answer::AskFiles { time });
        }
        // Until the list is here, the place alone decides: a program that hands it out only after the drop must not
        // be kept waiting.
        let is_accepted = !matches!(visit.files, Files::Unwanted) && rules.is_in_zone(at);
        answers.push(Answer::Status { source, is_accepted });
        self.hover(answers);
    }

    fn hover(&mut self, answers: &mut Vec<Answer>) {
        if let Some(Visit { at: Some(at), files: Files::Here(files), .. }) = &self.visit {
            self.has_hovered = true;
            answers.push(Answer::Tell(DropEvent::Hover { files: Arc::clone(files), at: *at }));
        }
    }

    fn dropped(&mut self, source: u32, time: u32, rules: &dyn Rules, answers: &mut Vec<Answer>) {
        let Some(visit) = self.visit.as_mut().filter(|visit| visit.source == source) else {
            return answers.push(Answer::Finished { source, is_taken: false });
        };
        visit.is_dropped = true;
        if matches!(visit.files, Files::Offered) {
            visit.files = Files::Asked;
            answers.push(Answer::AskFiles { time });
        }
        self.finish(rules, answers);
    }

    fn listed(&mut self, files: Vec<PathBuf>, rules: &dyn Rules, answers: &mut Vec<Answer>) {
        let Some(visit) = self.visit.as_mut().filter(|visit| matches!(visit.files, Files::Asked)) else { return };
        visit.files = if rules.wants(&files) { Files::Here(files.into()) } else { Files::Unwanted };
        if visit.is_dropped {
            return self.finish(rules, answers);
        }
        if matches!(visit.files, Files::Unwanted) {
            answers.push(Answer::Status { source: visit.source, is_accepted: false });
        }
        self.hover(answers);
    }

    /// Ends a visit that has dropped, once its list is here.
    fn finish(&mut self, rules: &dyn Rules, answers: &mut Vec<Answer>) {
        let Some(visit) = self.visit.take_if(|visit| !matches!(visit.files, Files::Asked)) else { return };
        let source = visit.source;
        match (visit.files, visit.at) {
            (Files::Here(files), Some(at)) if rules.is_in_zone(at) => {
                self.has_hovered = false;
                answers.push(Answer::Tell(DropEvent::Dropped { files, at }));
                answers.push(Answer::Finished { source, is_taken: true });
            }
            _ => {
                self.left(answers);
                answers.push(Answer::Finished { source, is_taken: false });
            }
        }
    }
}

#[cfg(test)]
mod tests;
