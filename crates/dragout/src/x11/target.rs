//! Receiving in the name of the framework's window.
//!
//! The framework's window answers drags itself, with no. A proxy (version 4 of the protocol) changes that without
//! touching the framework: a property on its window sends whoever drags to a hidden window of ours.
use super::link::{Link, Listener, absent};
use crate::drop::Shared;
use crate::xdnd::receive::{Answer, Heard, Receiver};
use crate::xdnd::{MIN_VERSION, VERSION, message};
use crate::{DragError, NativeWindow, PixelPoint, uri_list};
use std::sync::Arc;
use x11rb::connection::Connection as _;
use x11rb::errors::{ConnectionError, ReplyError};
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ChangeWindowAttributesAux, ClientMessageEvent, ConnectionExt as _, EventMask, PropMode,
};
use x11rb::wrapper::ConnectionExt as _;

/// Longest list of files that is read, in words of four bytes.
const MAX_LIST_WORDS: u32 = 256 * 1024;

/// A thread that answers whoever drags over `window`.
pub struct Target {
    listener: Listener,
    window: u32,
}

impl Target {
    pub fn attach(window: NativeWindow, shared: Arc<Shared>) -> Result<Self, DragError> {
        let failed = |reason: String| DragError::System { action: "receive files in this window", reason };
        let window = super::id(window)?;
        let link = Link::open()?;
        announce(&link, window).map_err(|error| failed(error.to_string()))?;
        let mut ears = Ears { window, shared, receiver: Receiver::default() };
        let hear = move |link: &Link, event: Event| ears.hear(link, &event);
        Ok(Self { listener: Listener::start("continuo-drop", link, hear)?, window })
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        let link = self.listener.link();
        for property in [link.atoms.CONTINUO_DROP, link.atoms.XdndProxy] {
            // The window may be gone already, and the connection too.
            let _ = link.conn.delete_property(self.window, property);
        }
    }
}

/// Makes our hidden window the proxy of the framework's one.
fn announce(link: &Link, window: u32) -> Result<(), ReplyError> {
    let (conn, atoms, replace) = (&link.conn, &link.atoms, PropMode::REPLACE);
    let version = [u32::from(VERSION)];
    for place in [link.window, window] {
        conn.change_property32(replace, place, atoms.XdndAware, AtomEnum::ATOM, &version)?.check()?;
        conn.change_property32(replace, place, atoms.XdndProxy, AtomEnum::WINDOW, &[link.window])?.check()?;
    }
    conn.change_property32(replace, window, atoms.CONTINUO_DROP, AtomEnum::CARDINAL, &version)?.check()
}

struct Ears {
    window: u32,
    shared: Arc<Shared>,
    receiver: Receiver,
}

impl Ears {
    fn hear(&mut self, link: &Link, event: &Event) -> Result<bool, ConnectionError> {
        let heard = match event {
            Event::ClientMessage(message) if message.format == 32 => self.message(link, message)?,
            Event::SelectionNotify(notify) if notify.selection == link.atoms.XdndSelection => {
                Some(Heard::Files(list(link, notify.property)?))
            }
            Event::DestroyNotify(event) => Some(Heard::Leave { source: event.window }),
            _ => None,
        };
        let mut answers = Vec::new();
        if let Some(heard) = heard {
            self.receiver.handle(heard, &*self.shared, &mut answers);
        }
        answers.into_iter().try_for_each(|answer| self.answer(link, answer))?;
        link.conn.flush()?;
        Ok(true)
    }

    fn message(&self, link: &Link, message: &ClientMessageEvent) -> Result<Option<Heard>, ConnectionError> {
        let (atoms, words, kind) = (&link.atoms, message.data.as_data32(), message.type_);
        Ok(if kind == atoms.XdndEnter {
            let (source, version, has_more) = message::read_enter(words);
            // A program that dies in the middle of a drag says nothing; the end of its window does.
            let aux = ChangeWindowAttributesAux::new().event_mask(EventMask::STRUCTURE_NOTIFY);
            link.conn.change_window_attributes(source, &aux)?;
            let types = if has_more { link.words(source, atoms.XdndTypeList, AtomEnum::ATOM)? } else { None };
            let offers_list = types.as_deref().unwrap_or(&words[2..]).contains(&atoms.TEXT_URI_LIST);
            Some(Heard::Enter { source, has_files: offers_list && version >= MIN_VERSION })
        } else if kind == atoms.XdndPosition {
            let (source, at, time) = message::read_position(words);
            let reply = link.conn.translate_coordinates(link.screen.root, self.window, at.x, at.y)?.reply();
            absent(reply)?.map(|here| Heard::Position {
                source,
                at: PixelPoint { x: here.dst_x.into(), y: here.dst_y.into() },
                time,
            })
        } else if kind == atoms.XdndLeave {
            Some(Heard::Leave { source: words[0] })
        } else if kind == atoms.XdndDrop {
            let (source, time) = message::read_drop(words);
            Some(Heard::Drop { source, time })
        } else {
            None
        })
    }

    fn answer(&self, link: &Link, answer: Answer) -> Result<(), ConnectionError> {
        let (atoms, window) = (&link.atoms, self.window);
        match answer {
            Answer::AskFiles { time } => {
                let (selection, kind, place) = (atoms.XdndSelection, atoms.TEXT_URI_LIST, atoms.CONTINUO_DATA);
                link.conn.convert_selection(link.window, selection, kind, place, time)?;
            }
            Answer::Status { source, is_accepted } => {
                let words = message::status(window, is_accepted, atoms.XdndActionCopy);
                link.send(source, source, atoms.XdndStatus, words)?;
            }
            Answer::Finished { source, is_taken } => {
                let words = message::finished(window, is_taken, atoms.XdndActionCopy);
                link.send(source, source, atoms.XdndFinished, words)?;
            }
            Answer::Tell(event) => self.shared.push(event),
        }
        Ok(())
    }
}

/// The files of a list that was handed out; none when it was not, or comes in pieces, which no list this short does.
fn list(link: &Link, property: Atom) -> Result<Vec<std::path::PathBuf>, ConnectionError> {
    if property == x11rb::NONE {
        return Ok(Vec::new());
    }
    let reply = link.conn.get_property(true, link.window, property, link.atoms.TEXT_URI_LIST, 0, MAX_LIST_WORDS)?;
    let bytes = absent(reply.reply())?.map(|reply| reply.value).unwrap_or_default();
    Ok(uri_list::parse(&String::from_utf8_lossy(&bytes)))
}
