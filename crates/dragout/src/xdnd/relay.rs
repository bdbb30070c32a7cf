//! Between a host's window and ours inside it.
//!
//! Whoever drags speaks to the first aware window from the top, which in many hosts is the host's own around the
//! plugin's. There everything arrives here first: what happens above our window is ours, the rest is handed on, so that
//! each of the two sees a drag of its own that enters and leaves.

/// A message, or its lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// `XdndEnter`.
    Enter([u32; 5]),
    /// `XdndPosition`, and whether it lies above our window.
    Position([u32; 5], bool),
    /// `XdndLeave`.
    Leave([u32; 5]),
    /// `XdndDrop`.
    Drop([u32; 5]),
}

/// To whom a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Our window.
    Ours,
    /// The host's window.
    Host,
}

/// One drag over the host's window.
#[derive(Debug, Default)]
pub struct Relay {
    /// The message that began the drag, for the side that comes second.
    enter: Option<[u32; 5]>,
    side: Option<Side>,
}

impl Relay {
    /// Adds who is to get what.
    pub fn handle(&mut self, message: Message, out: &mut Vec<(Side, Message)>) {
        match message {
            Message::Enter(words) => (self.enter, self.side) = (Some(words), None),
            Message::Position(words, is_ours) => {
                self.cross(if is_ours { Side::Ours } else { Side::Host }, words[0], out);
                out.extend(self.side.map(|side| (side, message)));
            }
            Message::Leave(_) | Message::Drop(_) => {
                if matches!(message, Message::Drop(_)) && self.side.is_none() {
                    self.cross(Side::Host, 0, out);
                }
                out.extend(self.side.map(|side| (side, message)));
                *self = Self::default();
            }
        }
    }

    fn cross(&mut self, side: Side, source: u32, out: &mut Vec<(Side, Message)>) {
        if self.side == Some(side) {
            return;
        }
        out.extend(self.side.map(|left| (left, Message::Leave([source, 0, 0, 0, 0]))));
        // A drag that never entered is nobody's.
        self.side = self.enter.map(|_| side);
        out.extend(self.enter.map(|words| (side, Message::Enter(words))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTER: Message = Message::Enter([7, 1, 0, 0, 0]);
    const LEAVE: Message = Message::Leave([7, 0, 0, 0, 0]);
    const DROP: Message = Message::Drop([7, 0, 9, 0, 0]);

    fn at(is_ours: bool) -> Message {
        Message::Position([7, 0, 0, 0, 0], is_ours)
    }

    fn relay(messages: &[Message]) -> Vec<(Side, Message)> {
        let (mut relay, mut out) = (Relay::default(), Vec::new());
        messages.iter().for_each(|message| relay.handle(*message, &mut out));
        out
    }

    #[test]
    fn each_side_sees_a_drag_of_its_own() {
        let told = relay(&[ENTER, at(false), at(true), DROP]);
        let host = [(Side::Host, ENTER), (Side::Host, at(false)), (Side::Host, LEAVE)];
        let ours = [(Side::Ours, ENTER), (Side::Ours, at(true)), (Side::Ours, DROP)];
        assert_eq!(told, [host, ours].concat());
    }

    #[test]
    fn the_host_keeps_what_is_dropped_beside_our_window() {
        let told = relay(&[ENTER, at(true), at(false), at(false), DROP, LEAVE]);
        assert_eq!(told.last(), Some(&(Side::Host, DROP)));
        assert_eq!(told.iter().filter(|(side, _)| *side == Side::Ours).count(), 3, "entered, asked, left");
    }

    #[test]
    fn who_never_entered_is_nobodys() {
        assert_eq!(relay(&[at(true), at(false), LEAVE, DROP]), []);
    }
}
