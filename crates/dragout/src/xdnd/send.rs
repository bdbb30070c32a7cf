//! The dragging side: what happened in, what to send out.
use super::RootPoint;
use super::message::QuietRect;
use crate::DragOutcome;

/// How long a receiver may take to answer a position, milliseconds. A busy DAW takes some tens.
pub const STATUS_TIMEOUT_MS: u64 = 2_000;
/// How long a receiver may take over a drop, milliseconds: some copy or decode the file first.
pub const FINISH_TIMEOUT_MS: u64 = 10_000;

/// A window that receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receiver {
    /// The window below the pointer, which the messages name.
    pub window: u32,
    /// The window they are sent to: the same one, or its proxy.
    pub mailbox: u32,
    /// The version both sides speak.
    pub version: u8,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// The pointer is here, and this is what receives here.
    Pointer {
        /// Where.
        at: RootPoint,
        /// Who.
        over: Option<Receiver>,
    },
    /// The button was let go where the pointer last was.
    Released,
    /// Escape was pressed, or the plugin gave up.
    Cancelled,
    /// `XdndStatus`.
    Status {
        /// Its sender.
        window: u32,
        /// Whether it takes the files.
        is_accepted: bool,
        /// Where it wants no more positions.
        quiet: Option<QuietRect>,
    },
    /// `XdndFinished`.
    Finished {
        /// Its sender.
        window: u32,
        /// Whether it took the files.
        is_taken: bool,
    },
    /// The receiver's window was destroyed.
    Gone {
        /// Which.
        window: u32,
    },
    /// Time has passed.
    Tick,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Send `XdndEnter`.
    Enter(Receiver),
    /// Send `XdndPosition`.
    Position(Receiver, RootPoint),
    /// Send `XdndLeave`.
    Leave(Receiver),
    /// Send `XdndDrop`.
    Drop(Receiver),
    /// Show whether a release now would be a drop.
    Show {
        /// Whether it would.
        is_accepted: bool,
    },
    /// It is over.
    End(DragOutcome),
}

/// One drag, from the press to the end.
#[derive(Debug)]
pub struct Sender {
    at: Option<RootPoint>,
    over: Option<Over>,
    phase: Phase,
    shown: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Held,
    /// Let go while the receiver had not yet answered for this place.
    Released,
    Dropped {
        since_ms: u64,
    },
    Ended,
}

#[derive(Debug)]
struct Over {
    receiver: Receiver,
    is_accepted: bool,
    /// Since when an answer is due. No second position is sent before the answer to the first.
    asked_ms: Option<u64>,
    sent: Option<RootPoint>,
    quiet: Option<QuietRect>,
}

impl Default for Sender {
    fn default() -> Self {
        Self { at: None, over: None, phase: Phase::Held, shown: false }
    }
}

impl Sender {
    /// The receiver that was entered and not left.
    pub fn receiver(&self) -> Option<Receiver> {
        self.over.as_ref().map(|over| over.receiver)
    }

    /// Whether the drop was sent and nobody has said yet that it is finished.
    pub fn is_dropped(&self) -> bool {
        matches!(self.phase, Phase::Dropped { .. })
    }

    /// Takes one happening at `now_ms` (any clock that only grows) and adds what to do to `orders`.
    pub fn handle(&mut self, happening: Happening, now_ms: u64, orders: &mut Vec<Order>) {
        match (self.phase, happening) {
            (Phase::Ended, _) => return,
            (Phase::Held, Happening::Pointer { at, over }) => self.moved(at, over, now_ms, orders),
            (Phase::Held, Happening::Released) => {
                self.phase = Phase::Released;
                self.settle(now_ms, orders);
            }
            (Phase::Held | Phase::Released, Happening::Cancelled) => self.leave_and_end(DragOutcome::Cancelled, orders),
            (Phase::Held | Phase::Released, Happening::Status { window, is_accepted, quiet }) => {
                self.answered(window, is_accepted, quiet, now_ms, orders);
            }
            (Phase::Held | Phase::Released, Happening::Tick) => self.waited(now_ms, orders),
            (Phase::Dropped { .. }, Happening::Finished { window, is_taken }) if self.is_from(window) => {
                let outcome = if is_taken { DragOutcome::Taken } else { DragOutcome::Unconfirmed };
                self.end(outcome, orders);
            }
            (Phase::Dropped { since_ms }, Happening::Tick) if now_ms >= since_ms + FINISH_TIMEOUT_MS => {
                self.end(DragOutcome::Unconfirmed, orders);
            }
            (phase, Happening::Gone { window }) if self.is_from(window) => {
                self.over = None;
                if phase != Phase::Held {
                    self.end(DragOutcome::Lost, orders);
                }
            }
            _ => {}
        }
        self.show(orders);
    }

    fn is_from(&self, window: u32) -> bool {
        // Some proxies sign with their own window.
        self.over.as_ref().is_some_and(|over| [over.receiver.window, over.receiver.mailbox].contains(&window))
    }

    fn moved(&mut self, at: RootPoint, over: Option<Receiver>, now_ms: u64, orders: &mut Vec<Order>) {
        self.at = Some(at);
        if self.receiver() != over {
            orders.extend(self.receiver().map(Order::Leave));
            orders.extend(over.map(Order::Enter));
            self.over =
                over.map(|receiver| Over { receiver, is_accepted: false, asked_ms: None, sent: None, quiet: None });
        }
        self.ask(now_ms, orders);
    }

    /// Sends the place unless an answer is due, the receiver knows it, or does not want to.
    fn ask(&mut self, now_ms: u64, orders: &mut Vec<Order>) {
        let (Some(over), Some(at)) = (&mut self.over, self.at) else { return };
        let is_quiet = over.quiet.is_some_and(|quiet| quiet.contains(at));
        if over.asked_ms.is_none() && over.sent != Some(at) && !is_quiet {
            (over.asked_ms, over.sent) = (Some(now_ms), Some(at));
            orders.push(Order::Position(over.receiver, at));
        }
    }

    fn answered(
        &mut self,
        window: u32,
        is_accepted: bool,
        quiet: Option<QuietRect>,
        now_ms: u64,
        orders: &mut Vec<Order>,
    ) {
        if !self.is_from(window) {
            return;
        }
        if let Some(over) = &mut self.over {
            (over.is_accepted, over.quiet, over.asked_ms) = (is_accepted, quiet, None);
        }
        self.settle(now_ms, orders);
    }

    /// After a release: drops where the receiver has said yes to the very place, and asks where it has not said.
    fn settle(&mut self, now_ms: u64, orders: &mut Vec<Order>) {
        self.ask(now_ms, orders);
        if self.phase != Phase::Released {
            return;
        }
        match &self.over {
            None => self.end(DragOutcome::Nowhere, orders),
            Some(over) if over.asked_ms.is_some() => {}
            Some(over) if over.is_accepted => {
                orders.push(Order::Drop(over.receiver));
                self.phase = Phase::Dropped { since_ms: now_ms };
            }
            Some(_) => self.leave_and_end(DragOutcome::Refused, orders),
        }
    }

    /// A receiver that does not answer takes nothing, and is asked again at the next move.
    fn waited(&mut self, now_ms: u64, orders: &mut Vec<Order>) {
        let Some(over) = &mut self.over else { return };
        if over.asked_ms.is_some_and(|since| now_ms >= since + STATUS_TIMEOUT_MS) {
            (over.asked_ms, over.is_accepted) = (None, false);
            self.settle(now_ms, orders);
        }
    }

    fn leave_and_end(&mut self, outcome: DragOutcome, orders: &mut Vec<Order>) {
        orders.extend(self.receiver().map(Order::Leave));
        self.end(outcome, orders);
    }

    fn end(&mut self, outcome: DragOutcome, orders: &mut Vec<Order>) {
        self.over = None;
        self.phase = Phase::Ended;
        orders.push(Order::End(outcome));
    }

    fn show(&mut self, orders: &mut Vec<Order>) {
        let is_accepted = self.over.as_ref().is_some_and(|over| over.is_accepted);
        if self.phase == Phase::Held && self.shown != is_accepted {
            self.shown = is_accepted;
            orders.push(Order::Show { is_accepted });
        }
    }
}

#[cfg(test)]
mod tests;
