//! The thread beside a window on X11.
use crate::editor::keys::Wanted;
use dragout::NativeWindow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::thread::JoinHandle;
use x11rb::connection::{Connection, RequestConnection};
use x11rb::errors::{ConnectionError, ReplyOrIdError};
use x11rb::protocol::Event;
use x11rb::protocol::present::{self, CompleteKind, ConnectionExt as _};
use x11rb::protocol::xproto::{
    AtomEnum, ChangeWindowAttributesAux, ClientMessageEvent, ConnectionExt, CreateWindowAux, EventMask, KeyPressEvent,
    Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;

/// Keysyms of the keys that walk through the controls: Tab (also with shift), Return, Escape, arrows, Home, End.
const WALKING: [u32; 10] = [0xff09, 0xfe20, 0xff0d, 0xff1b, 0xff51, 0xff52, 0xff53, 0xff54, 0xff50, 0xff57];
/// Deeper than any host nests its windows.
const MAX_DEPTH: usize = 32;
/// A screen that takes longer between two refreshes, microseconds, wants every one of them; a faster one gives enough frames
/// with every second.
const SLOW_US: u64 = 12_000;
/// The number the window library gives its first question for a frame.
const FIRST_SERIAL: u32 = 0;

/// A connection that hears of one window, and the thread that listens. Ends with this.
pub struct Beside {
    inside: Arc<Inside>,
    thread: Option<JoinHandle<()>>,
}

struct Inside {
    connection: RustConnection,
    window: Window,
    /// A window of ours that is never shown: a message to it ends the thread.
    mailbox: Window,
    /// The server can tell of refreshes.
    has_present: bool,
    /// Hardware codes of [`WALKING`].
    walking: Vec<u8>,
    /// The [`Wanted`] of the last frame.
    wanted: AtomicU8,
    has_drawn: AtomicBool,
    /// The display server has shown or sized the window.
    has_changed: AtomicBool,
    /// Number of the last question for a frame that was answered, and refreshes of the screen until then.
    serial: AtomicU32,
    refresh: AtomicU64,
    /// The screen takes [`SLOW_US`] or more between two refreshes, as most do.
    is_slow: AtomicBool,
}

impl Beside {
    /// For a window that has just been made. `None` where the display cannot be had a second time: keys then end in
    /// the window, as they do without this.
    pub fn attach(window: NativeWindow) -> Option<Self> {
        let NativeWindow::X11 { window } = window else { return None };
        let inside = Arc::new(Inside::connect(window).ok()?);
        let listening = Arc::clone(&inside);
        let thread = std::thread::Builder::new().name("continuo-x11".to_owned());
        let thread = thread.spawn(move || listening.listen()).ok()?;
        Some(Self { inside, thread: Some(thread) })
    }

    /// A frame begins; which keys the window wants until the next.
    pub fn drawn(&self, wanted: Wanted) {
        self.inside.has_drawn.store(true, Ordering::Relaxed);
        self.inside.wanted.store(wanted as u8, Ordering::Relaxed);
    }

    /// The window was shown or got another size since the last call.
    pub fn has_changed(&self) -> bool {
        self.inside.has_changed.swap(false, Ordering::Relaxed)
    }

    /// The frame after this one, which is number `frame` counted from 0, shall come with the screen's next refresh.
    ///
    /// The library takes an answer only if it has the number of its own next question. It numbers them from 0 and draws
    /// a frame for each, or passes one over; the thread beside may not have heard of the last answer yet. So the next
    /// number is the greater of the two that follow. Where a frame takes longer than a refresh, the answer is there
    /// before the question: the library drops it, and draws when its own is answered.
    pub fn hurry(&self, frame: u64) {
        if self.inside.is_slow.load(Ordering::Relaxed) {
            let heard = self.inside.serial.load(Ordering::Relaxed);
            let serial = FIRST_SERIAL.wrapping_add(frame as u32).max(heard).wrapping_add(1);
            let refresh = self.inside.refresh.load(Ordering::Relaxed) + 1;
            // A window that is gone needs no frame.
            drop(self.inside.ask(serial, refresh));
        }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // On a lost connection the thread has ended by itself.
        drop(self.inside.stop());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl Inside {
    fn connect(window: Window) -> Result<Self, ReplyOrIdError> {
        let (connection, screen) = x11rb::connect(None).map_err(|_| ReplyOrIdError::IdsExhausted)?;
        let mask = EventMask::KEY_PRESS | EventMask::KEY_RELEASE | EventMask::STRUCTURE_NOTIFY;
        connection.change_window_attributes(window, &ChangeWindowAttributesAux::new().event_mask(mask))?.check()?;
        let has_present = connection.extension_information(present::X11_EXTENSION_NAME)?.is_some();
        if has_present {
            let id = connection.generate_id()?;
            connection.present_select_input(id, window, present::EventMask::COMPLETE_NOTIFY)?.check()?;
        }
        let (mailbox, root) = (connection.generate_id()?, connection.setup().roots[screen].root);
        let (class, look) = (WindowClass::INPUT_ONLY, CreateWindowAux::new());
        connection.create_window(0, mailbox, root, -1, -1, 1, 1, 0, class, x11rb::COPY_FROM_PARENT, &look)?.check()?;
        let walking = walking_codes(&connection)?;
        Ok(Self {
            connection,
            window,
            mailbox,
            has_present,
            walking,
            wanted: AtomicU8::new(Wanted::Nothing as u8),
            has_drawn: AtomicBool::new(false),
            has_changed: AtomicBool::new(false),
            serial: AtomicU32::new(FIRST_SERIAL),
            refresh: AtomicU64::new(0),
            is_slow: AtomicBool::new(true),
        })
    }

    /// The thread: until the message to the mailbox, or until the display is gone.
    fn listen(&self) {
        let mut last = (0, 0);
        while let Ok(event) = self.connection.wait_for_event() {
            match event {
                Event::ClientMessage(message) if message.window == self.mailbox => return,
                Event::MapNotify(_) => {
                    self.has_changed.store(true, Ordering::Relaxed);
                    self.knock();
                }
                Event::ConfigureNotify(_) => self.has_changed.store(true, Ordering::Relaxed),
                Event::PresentCompleteNotify(told) if told.kind == CompleteKind::NOTIFY_MSC => {
                    self.knock();
                    self.serial.fetch_max(told.serial, Ordering::Relaxed);
                    let answer = (told.msc, told.ust);
                    if answer.0 > last.0 {
                        self.is_slow.store(is_slow(last, answer), Ordering::Relaxed);
                        self.refresh.store(told.msc, Ordering::Relaxed);
                        last = answer;
                    }
                }
                Event::KeyPress(key) => self.key(key, EventMask::KEY_PRESS),
                Event::KeyRelease(key) => self.key(key, EventMask::KEY_RELEASE),
                _ => {}
            }
        }
    }

    fn stop(&self) -> Result<(), ConnectionError> {
        let message = ClientMessageEvent::new(32, self.mailbox, u32::from(AtomEnum::NOTICE), [0; 5]);
        self.connection.send_event(false, self.mailbox, EventMask::NO_EVENT, message)?;
        self.connection.flush()
    }

    /// Asks for the first frame, until there was one.
    fn knock(&self) {
        if !self.has_drawn.load(Ordering::Relaxed) {
            drop(self.ask(FIRST_SERIAL, 0));
        }
    }

    /// Asks for a refresh of the screen, or the next one where that has been; the answer has the number `serial`.
    fn ask(&self, serial: u32, refresh: u64) -> Result<(), ConnectionError> {
        if self.has_present {
            self.connection.present_notify_msc(self.window, serial, refresh, 1, 0)?;
            self.connection.flush()?;
        }
        Ok(())
    }

    /// Hands a key on to the host, unless the window wants it.
    fn key(&self, mut key: KeyPressEvent, mask: EventMask) {
        let wanted = self.wanted.load(Ordering::Relaxed);
        let is_ours = wanted == Wanted::Everything as u8
            || (wanted == Wanted::Walking as u8 && self.walking.contains(&key.detail));
        // What came from another program's `send` is not sent round in circles.
        let is_sent = key.response_type & 0x80 != 0;
        if !is_ours && !is_sent {
            // A window that is gone: so is the host's wish for keys.
            drop(self.hand_on(&mut key, mask));
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
        let connection = &self.connection;
        let state = connection.intern_atom(false, b"WM_STATE")?.reply()?.atom;
        let mut window = self.window;
        for _ in 0..MAX_DEPTH {
            let tree = connection.query_tree(window)?.reply()?;
            if tree.parent == tree.root || tree.parent == x11rb::NONE {
                break;
            }
            window = tree.parent;
            let known = connection.get_property(false, window, state, AtomEnum::ANY, 0, 0)?.reply()?;
            if known.type_ != x11rb::NONE {
                break;
            }
        }
        Ok(window)
    }
}

/// Hardware codes of [`WALKING`].
fn walking_codes(connection: &RustConnection) -> Result<Vec<u8>, ReplyOrIdError> {
    let setup = connection.setup();
    let (first, count) = (setup.min_keycode, setup.max_keycode - setup.min_keycode + 1);
    let map = connection.get_keyboard_mapping(first, count)?.reply()?;
    let per_key = usize::from(map.keysyms_per_keycode).max(1);
    let is_walking = |syms: &[u32]| syms.iter().any(|sym| WALKING.contains(sym));
    let codes = map.keysyms.chunks(per_key).enumerate().filter(|(_, syms)| is_walking(syms));
    Ok(codes.map(|(offset, _)| first + offset as u8).collect())
}

/// Whether a screen takes [`SLOW_US`] or more for a refresh, by two answers: refreshes so far, and when, in microseconds.
/// A server that does not tell the time counts as one with a usual screen.
fn is_slow((refreshes_before, before_us): (u64, u64), (refreshes, at_us): (u64, u64)) -> bool {
    let spent_us = at_us.saturating_sub(before_us);
    spent_us == 0 || spent_us >= SLOW_US * refreshes.saturating_sub(refreshes_before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refresh_is_wanted_of_usual_screens_and_every_second_of_fast_ones() {
        let is_slow_at = |hz: u64| is_slow((1_000, 500_000), (1_000 + hz, 1_500_000));
        assert_eq!([30, 60, 75, 85, 120, 144, 240].map(is_slow_at), [true, true, true, false, false, false, false]);
        assert!(is_slow((4, 0), (5, 0)), "the server does not know the time");
    }
}
