//! Who receives at a place on the screen.
use super::link::{Link, absent};
use crate::xdnd::send::Receiver;
use crate::xdnd::{MIN_VERSION, RootPoint, VERSION};
use x11rb::errors::ConnectionError;
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _};

/// Windows within windows; real ones end after some ten.
const MAX_DEPTH: usize = 64;

/// From the root downwards, the first window that speaks the protocol, as the specification has it. A window that a
/// [`crate::DropTarget`] receives for goes first, however deep it lies: a host's window around it may be aware itself,
/// and would take what is meant for another deck.
pub fn receiver_at(link: &Link, at: RootPoint) -> Result<Option<Receiver>, ConnectionError> {
    let root = link.screen.root;
    let (mut window, mut first) = (root, None);
    for _ in 0..MAX_DEPTH {
        let reply = link.conn.translate_coordinates(root, window, at.x, at.y)?.reply();
        let Some(child) = absent(reply)?.map(|reply| reply.child).filter(|child| *child != x11rb::NONE) else { break };
        window = child;
        let is_ours = link.words(window, link.atoms.CONTINUO_DROP, AtomEnum::CARDINAL)?.is_some();
        if is_ours || first.is_none() {
            let found = receiver(link, window)?;
            if is_ours && found.is_some() {
                return Ok(found);
            }
            first = first.or(found);
        }
    }
    Ok(first)
}

/// The window as a receiver, when it speaks a version we do.
fn receiver(link: &Link, window: u32) -> Result<Option<Receiver>, ConnectionError> {
    let mailbox = proxy(link, window)?.unwrap_or(window);
    let aware = link.words(mailbox, link.atoms.XdndAware, AtomEnum::ATOM)?;
    let version = aware.and_then(|words| words.first().copied()).and_then(|version| u8::try_from(version).ok());
    let version = version.map(|version| version.min(VERSION)).filter(|version| *version >= MIN_VERSION);
    Ok(version.map(|version| Receiver { window, mailbox, version }))
}

/// A proxy counts only while it names itself too: the property may have outlived it.
pub fn proxy(link: &Link, window: u32) -> Result<Option<u32>, ConnectionError> {
    let read = |window| link.words(window, link.atoms.XdndProxy, AtomEnum::WINDOW);
    let Some(proxy) = read(window)?.and_then(|words| words.first().copied()) else { return Ok(None) };
    let itself = read(proxy)?.and_then(|words| words.first().copied());
    Ok((itself == Some(proxy)).then_some(proxy))
}
