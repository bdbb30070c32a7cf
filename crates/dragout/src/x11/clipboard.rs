//! Files on the clipboard, for as long as we own it.
use super::link::{Link, Listener};
use super::offer::Offer;
use crate::{DragError, DragFiles, NativeWindow};
use x11rb::connection::Connection as _;
use x11rb::errors::{ConnectionError, ReplyError};
use x11rb::protocol::Event;
use x11rb::protocol::xproto::ConnectionExt as _;

/// The owner; its thread waits for requests and ends when another program copies something.
pub struct Clipboard {
    _listener: Listener,
}

impl Clipboard {
    pub fn copy(_: NativeWindow, files: &DragFiles) -> Result<Self, DragError> {
        let failed = |reason: String| DragError::System { action: "own the clipboard", reason };
        let link = Link::open()?;
        let offer = own(&link, files).map_err(|error| failed(error.to_string()))?;
        let offer = offer.ok_or_else(|| failed("another program took it".to_owned()))?;
        let hear = move |link: &Link, event: Event| serve(link, &offer, &event);
        Ok(Self { _listener: Listener::start("continuo-clipboard", link, hear)? })
    }
}

fn own(link: &Link, files: &DragFiles) -> Result<Option<Offer>, ReplyError> {
    let since = link.time()?;
    link.conn.set_selection_owner(link.window, link.atoms.CLIPBOARD, since)?;
    let owner = link.conn.get_selection_owner(link.atoms.CLIPBOARD)?.reply()?.owner;
    Ok((owner == link.window).then(|| Offer::new(files, since)))
}

fn serve(link: &Link, offer: &Offer, event: &Event) -> Result<bool, ConnectionError> {
    match event {
        Event::SelectionRequest(request) if request.selection == link.atoms.CLIPBOARD => offer.serve(link, request)?,
        Event::SelectionClear(cleared) if cleared.selection == link.atoms.CLIPBOARD => return Ok(false),
        _ => link.conn.flush()?,
    }
    Ok(true)
}
