//! Receiving in the name of the framework's window.
//!
//! The framework's window answers drags itself, with no. A proxy (version 4 of the protocol) changes that without
//! touching the framework: a property on its window sends whoever drags to a hidden window of ours. The same property on
//! the host's window around it, where that is aware of drags itself, as whoever drags would get no further.
use super::link::{Link, Listener, absent};
use super::walk::proxy;
use crate::drop::Shared;
use crate::xdnd::receive::{Answer, Heard, Receiver};
use crate::xdnd::relay::{Message, Relay, Side};
use crate::xdnd::{MIN_VERSION, VERSION, message};
use crate::{DragError, NativeWindow, PixelPoint, PixelRect, uri_list};
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
    host: Option<u32>,
}

impl Target {
    pub fn attach(window: NativeWindow, shared: Arc<Shared>) -> Result<Self, DragError> {
        let failed = |reason: String| DragError::System { action: "receive files in this window", reason };
        let window = super::id(window)?;
        let link = Link::open()?;
        let host = announce(&link, window).map_err(|error| failed(error.to_string()))?;
        let (receiver, relay) = (Receiver::default(), Relay::default());
        let mut ears = Ears { window, host, shared, receiver, relay, addressed: window };
        let hear = move |link: &Link, event: Event| ears.hear(link, &event);
        Ok(Self { listener: Listener::start("continuo-drop", link, hear)?, window, host })
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        let link = self.listener.link();
        let marked = [self.window].into_iter().chain(self.host);
        for (window, property) in
            marked.flat_map(|window| [link.atoms.CONTINUO_DROP, link.atoms.XdndProxy].map(|p| (window, p)))
        {
            // The window may be gone already, and the connection too.
            let _ = link.conn.delete_property(window, property);
        }
    }
}

/// Makes our hidden window the proxy of the framework's one, and of the host's around it, which is returned.
fn announce(link: &Link, window: u32) -> Result<Option<u32>, ReplyError> {
    let (conn, atoms, replace) = (&link.conn, &link.atoms, PropMode::REPLACE);
    let version = [u32::from(VERSION)];
    let host = aware_host(link, window)?;
    for place in [link.window, window] {
        conn.change_property32(replace, place, atoms.XdndAware, AtomEnum::ATOM, &version)?.check()?;
    }
    for place in [link.window, window].into_iter().chain(host) {
        conn.change_property32(replace, place, atoms.XdndProxy, AtomEnum::WINDOW, &[link.window])?.check()?;
    }
    conn.change_property32(replace, window, atoms.CONTINUO_DROP, AtomEnum::CARDINAL, &version)?.check()?;
    Ok(host)
}

/// The outermost window around ours that is aware of drags: the one that is spoken to. None when it has a proxy already.
fn aware_host(link: &Link, window: u32) -> Result<Option<u32>, ReplyError> {
    let (mut host, mut window) = (None, window);
    loop {
        window = link.conn.query_tree(window)?.reply()?.parent;
        if window == x11rb::NONE || window == link.screen.root {
            break;
        }
        if link.words(window, link.atoms.XdndAware, AtomEnum::ATOM)?.is_some() {
            host = Some(window);
        }
    }
    let Some(outermost) = host else { return Ok(None) };
    Ok(if proxy(link, outermost)?.is_some() { None } else { host })
}

struct Ears {
    window: u32,
    host: Option<u32>,
    shared: Arc<Shared>,
    receiver: Receiver,
    relay: Relay,
    /// The window that whoever drags speaks to: ours, or the host's.
    addressed: u32,
}

impl Ears {
    fn hear(&mut self, link: &Link, event: &Event) -> Result<bool, ConnectionError> {
        let heard = match event {
            Event::ClientMessage(message) if message.format == 32 => self.message(link, message)?,
            Event::SelectionNotify(notify) if notify.selection == link.atoms.XdndSelection => {
                vec![Heard::Files(list(link, notify.property)?)]
            }
            Event::DestroyNotify(event) => vec![Heard::Leave { source: event.window }],
            _ => Vec::new(),
        };
        let mut answers = Vec::new();
        heard.into_iter().for_each(|heard| self.receiver.handle(heard, &*self.shared, &mut answers));
        answers.into_iter().try_for_each(|answer| self.answer(link, answer))?;
        link.conn.flush()?;
        Ok(true)
    }

    /// What a message of the protocol is for our window; what is for the host's is handed on.
    fn message(&mut self, link: &Link, event: &ClientMessageEvent) -> Result<Vec<Heard>, ConnectionError> {
        let (atoms, words) = (&link.atoms, event.data.as_data32());
        let place = if event.type_ == atoms.XdndPosition { self.place(link, words)? } else { None };
        let message = match event.type_ {
            kind if kind == atoms.XdndEnter => Message::Enter(words),
            kind if kind == atoms.XdndPosition => Message::Position(words, place.is_some_and(|(_, is_ours)| is_ours)),
            kind if kind == atoms.XdndLeave => Message::Leave(words),
            kind if kind == atoms.XdndDrop => Message::Drop(words),
            _ => return Ok(Vec::new()),
        };
        self.addressed = event.window;
        let Some(host) = self.host.filter(|host| *host == event.window) else {
            return Ok(heard(link, message, place)?.into_iter().collect());
        };
        let (mut told, mut all) = (Vec::new(), Vec::new());
        self.relay.handle(message, &mut told);
        for (side, message) in told {
            match side {
                Side::Ours => all.extend(heard(link, message, place)?),
                Side::Host => hand_on(link, host, message)?,
            }
        }
        Ok(all)
    }

    /// Where a position lies in our window, and whether that is inside; none when the window is gone.
    fn place(&self, link: &Link, words: [u32; 5]) -> Result<Option<(PixelPoint, bool)>, ConnectionError> {
        let (_, at, _) = message::read_position(words);
        let here = link.conn.translate_coordinates(link.screen.root, self.window, at.x, at.y)?;
        let size = link.conn.get_geometry(self.window)?;
        let (Some(here), Some(size)) = (absent(here.reply())?, absent(size.reply())?) else { return Ok(None) };
        let point = PixelPoint { x: here.dst_x.into(), y: here.dst_y.into() };
        let all = PixelRect { x: 0, y: 0, width: size.width.into(), height: size.height.into() };
        Ok(Some((point, all.contains(point))))
    }

    fn answer(&self, link: &Link, answer: Answer) -> Result<(), ConnectionError> {
        let (atoms, window) = (&link.atoms, self.addressed);
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

fn heard(link: &Link, message: Message, place: Option<(PixelPoint, bool)>) -> Result<Option<Heard>, ConnectionError> {
    Ok(match message {
        Message::Enter(words) => Some(enter(link, words)?),
        Message::Position(words, _) => {
            let (source, _, time) = message::read_position(words);
            place.map(|(at, _)| Heard::Position { source, at, time })
        }
        Message::Leave(words) => Some(Heard::Leave { source: words[0] }),
        Message::Drop(words) => {
            let (source, time) = message::read_drop(words);
            Some(Heard::Drop { source, time })
        }
    })
}

fn enter(link: &Link, words: [u32; 5]) -> Result<Heard, ConnectionError> {
    let (source, version, has_more) = message::read_enter(words);
    // A program that dies in the middle of a drag says nothing; the end of its window does.
    let aux = ChangeWindowAttributesAux::new().event_mask(EventMask::STRUCTURE_NOTIFY);
    link.conn.change_window_attributes(source, &aux)?;
    let types = if has_more { link.words(source, link.atoms.XdndTypeList, AtomEnum::ATOM)? } else { None };
    let offers_list = types.as_deref().unwrap_or(&words[2..]).contains(&link.atoms.TEXT_URI_LIST);
    Ok(Heard::Enter { source, has_files: offers_list && version >= MIN_VERSION })
}

/// To the host's window itself, as if it had no proxy.
fn hand_on(link: &Link, host: u32, message: Message) -> Result<(), ConnectionError> {
    let (kind, words) = match message {
        Message::Enter(words) => (link.atoms.XdndEnter, words),
        Message::Position(words, _) => (link.atoms.XdndPosition, words),
        Message::Leave(words) => (link.atoms.XdndLeave, words),
        Message::Drop(words) => (link.atoms.XdndDrop, words),
    };
    link.send(host, host, kind, words)
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
