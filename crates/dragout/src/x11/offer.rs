//! The files as a selection's owner hands them out.
use super::link::Link;
use crate::{DragFiles, uri_list};
use std::path::PathBuf;
use x11rb::connection::Connection as _;
use x11rb::errors::ConnectionError;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ConnectionExt as _, EventMask, PropMode, SELECTION_NOTIFY_EVENT, SelectionNotifyEvent,
    SelectionRequestEvent,
};
use x11rb::wrapper::ConnectionExt as _;

/// What is handed out, in every form.
pub struct Offer {
    uri_list: String,
    plain: String,
    /// Since when the selection is ours, on the server's clock.
    since: u32,
}

impl Offer {
    pub fn new(files: &DragFiles, since: u32) -> Self {
        let plain: Vec<_> = files.paths().iter().map(|path| path.to_string_lossy()).collect();
        Self { uri_list: uri_list::encode(files.paths().iter().map(PathBuf::as_path)), plain: plain.join("\n"), since }
    }

    /// The types of a drag: the list first, then text for editors and terminals.
    pub fn drag_types(link: &Link) -> [Atom; 3] {
        [link.atoms.TEXT_URI_LIST, link.atoms.UTF8_STRING, link.atoms.TEXT_PLAIN]
    }

    /// Answers one request; what is not known is refused, as ICCCM 2.2 has it.
    pub fn serve(&self, link: &Link, request: &SelectionRequestEvent) -> Result<(), ConnectionError> {
        // Programs older than ICCCM name no property.
        let property = if request.property == x11rb::NONE { request.target } else { request.property };
        let is_known = self.write(link, request.requestor, property, request.target)?;
        let answer = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time: request.time,
            requestor: request.requestor,
            selection: request.selection,
            target: request.target,
            property: if is_known { property } else { x11rb::NONE },
        };
        link.conn.send_event(false, request.requestor, EventMask::NO_EVENT, answer)?;
        link.conn.flush()
    }

    fn write(&self, link: &Link, window: u32, property: Atom, target: Atom) -> Result<bool, ConnectionError> {
        let (conn, atoms) = (&link.conn, &link.atoms);
        if target == atoms.TARGETS {
            let known = [
                atoms.TARGETS,
                atoms.TIMESTAMP,
                atoms.TEXT_URI_LIST,
                atoms.UTF8_STRING,
                atoms.TEXT_PLAIN,
                atoms.GNOME_COPIED_FILES,
            ];
            conn.change_property32(PropMode::REPLACE, window, property, AtomEnum::ATOM, &known)?;
        } else if target == atoms.TIMESTAMP {
            conn.change_property32(PropMode::REPLACE, window, property, AtomEnum::INTEGER, &[self.since])?;
        } else if let Some(text) = self.text(link, target) {
            conn.change_property8(PropMode::REPLACE, window, property, target, text.as_bytes())?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn text(&self, link: &Link, target: Atom) -> Option<String> {
        let atoms = &link.atoms;
        if target == atoms.TEXT_URI_LIST {
            Some(self.uri_list.clone())
        } else if target == atoms.UTF8_STRING || target == atoms.TEXT_PLAIN {
            Some(self.plain.clone())
        } else if target == atoms.GNOME_COPIED_FILES {
            // File managers: the word says that nothing is to be moved; no line end after the last.
            Some(format!("copy\n{}", self.uri_list.trim_end().replace("\r\n", "\n")))
        } else {
            None
        }
    }
}
