//! Keys to the host's window on X11.
use crate::editor::keys::Wanted;
use dragout::NativeWindow;
use x11rb::connection::Connection;
use x11rb::errors::ReplyOrIdError;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{AtomEnum, ChangeWindowAttributesAux, ConnectionExt, EventMask, KeyPressEvent, Window};
use x11rb::rust_connection::RustConnection;

/// Keysyms of the keys that walk through the controls: Tab (also with shift), Return, Escape, arrows, Home, End.
const WALKING: [u32; 10] = [0xff09, 0xfe20, 0xff0d, 0xff1b, 0xff51, 0xff52, 0xff53, 0xff54, 0xff50, 0xff57];
/// Deeper than any host nests its windows.
const MAX_DEPTH: usize = 32;

/// A connection that hears the keys of one window.
pub struct KeyRelay {
    connection: RustConnection,
    window: Window,
    /// Hardware codes of [`WALKING`].
    walking: Vec<u8>,
}

impl KeyRelay {
    /// For a window that has just been opened. `None` where the display cannot be had a second time: keys then end in
    /// the window, as they do without this.
    pub fn attach(window: NativeWindow) -> Option<Self> {
        let NativeWindow::X11 { window } = window else { return None };
        Self::connect(window).ok()
    }

    fn connect(window: Window) -> Result<Self, ReplyOrIdError> {
        let (connection, _) = x11rb::connect(None).map_err(|_| ReplyOrIdError::IdsExhausted)?;
        let setup = connection.setup();
        let (first, count) = (setup.min_keycode, setup.max_keycode - setup.min_keycode + 1);
        let map = connection.get_keyboard_mapping(first, count)?.reply()?;
        let per_key = usize::from(map.keysyms_per_keycode).max(1);
        let is_walking = |syms: &[u32]| syms.iter().any(|sym| WALKING.contains(sym));
        let codes = map.keysyms.chunks(per_key).enumerate().filter(|(_, syms)| is_walking(syms));
        let walking = codes.map(|(offset, _)| first + offset as u8).collect();
        let mask = EventMask::KEY_PRESS | EventMask::KEY_RELEASE;
        connection.change_window_attributes(window, &ChangeWindowAttributesAux::new().event_mask(mask))?.check()?;
        Ok(Self { connection, window, walking })
    }

    /// Hands on what has come since the last call and the window does not want.
    pub fn pump(&mut self, wanted: Wanted) {
        while let Ok(Some(event)) = self.connection.poll_for_event() {
            let (mut key, mask) = match event {
                Event::KeyPress(key) => (key, EventMask::KEY_PRESS),
                Event::KeyRelease(key) => (key, EventMask::KEY_RELEASE),
                _ => continue,
            };
            let is_ours = match wanted {
                Wanted::Everything => true,
                Wanted::Walking => self.walking.contains(&key.detail),
                Wanted::Nothing => false,
            };
            // What came from another program's `send` is not sent round in circles.
            let is_sent = key.response_type & 0x80 != 0;
            if !is_ours && !is_sent {
                // A window that is gone: so is the host's wish for keys.
                drop(self.hand_on(&mut key, mask));
            }
        }
    }

    fn hand_on(&self, key: &mut KeyPressEvent, mask: EventMask) -> Result<(), ReplyOrIdError> {
        let host = self.host_window()?;
        key.event = host;
        key.child = x11rb::NONE;
        self.connection.send_event(false, host, mask, *key)?;
        Ok(self.connection.flush()?)
    }

    /// The host's window: the nearest one above ours that a window manager knows, or the topmost.
    fn host_window(&self) -> Result<Window, ReplyOrIdError> {
        let state = self.connection.intern_atom(false, b"WM_STATE")?.reply()?.atom;
        let mut window = self.window;
        for _ in 0..MAX_DEPTH {
            let tree = self.connection.query_tree(window)?.reply()?;
            if tree.parent == tree.root || tree.parent == x11rb::NONE {
                break;
            }
            window = tree.parent;
            let known = self.connection.get_property(false, window, state, AtomEnum::ANY, 0, 0)?.reply()?;
            if known.type_ != x11rb::NONE {
                break;
            }
        }
        Ok(window)
    }
}
