//! The thread beside a window on X11.
use crate::editor::keys::Wanted;
use dragout::NativeWindow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
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
/// More frames than one in this time nobody sees, microseconds: a little more than a sixtieth of a second, because screens
/// are not exact.
const FRAME_US: u64 = 17_500;
/// The fastest screens have 500 refreshes a second.
const MAX_REFRESHES: u64 = 8;
/// The number the window library gives its first question for a frame.
const FIRST_SERIAL: u32 = 0;

/// What the server says to a question for a frame.
struct Answer {
    /// The number of the question.
    serial: u32,
    /// Refreshes of the screen so far, and the time of this one in microseconds.
    refresh: u64,
    at_us: u64,
}

impl Answer {
    /// The library asks too, later than we do, and the second answer to a number comes among those to the next.
    fn is_after(&self, last: &Self) -> bool {
        self.serial.wrapping_sub(last.serial).cast_signed() > 0
    }

    /// How many refreshes make [`FRAME_US`], at least one.
    fn refreshes_a_frame(&self, last: &Self) -> u64 {
        let spent_us = self.at_us.saturating_sub(last.at_us);
        let refreshes = self.refresh.saturating_sub(last.refresh);
        (FRAME_US * refreshes).checked_div(spent_us).unwrap_or(1).clamp(1, MAX_REFRESHES)
    }
}

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
    /// Every refresh is wanted.
    is_hurrying: AtomicBool,
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

    /// Whether frames shall come as fast as eyes see, or as the library asks for them.
    pub fn hurry(&self, is_hurrying: bool) {
        self.inside.is_hurrying.store(is_hurrying, Ordering::Relaxed);
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
            is_hurrying: AtomicBool::new(false),
        })
    }

    /// The thread: until the message to the mailbox, or until the display is gone.
    fn listen(&self) {
        let mut last = Answer { serial: FIRST_SERIAL, refresh: 0, at_us: 0 };
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
                    let answer = Answer { serial: told.serial, refresh: told.msc, at_us: told.ust };
                    if answer.is_after(&last) {
                        self.go_on(&answer, &last);
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

    /// A question was answered, and the library draws: asks the next one in its place, and sooner than it would. The
    /// library takes the answer when its own question of that number is out, which follows its drawing.
    fn go_on(&self, answer: &Answer, last: &Answer) {
        if self.is_hurrying.load(Ordering::Relaxed) {
            let refresh = answer.refresh + answer.refreshes_a_frame(last);
            // A window that is gone needs no frame.
            drop(self.ask(answer.serial.wrapping_add(1), refresh));
        }
    }

    /// Asks for a refresh of the screen, at once where that has been; the answer has the number `serial`.
    fn ask(&self, serial: u32, refresh: u64) -> Result<(), ConnectionError> {
        if self.has_present {
            self.connection.present_notify_msc(self.window, serial, refresh, 0, 0)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(serial: u32, refresh: u64, at_us: u64) -> Answer {
        Answer { serial, refresh, at_us }
    }

    #[test]
    fn an_answer_to_an_older_question_is_told_from_a_new_one_even_when_the_numbers_begin_again() {
        assert!(answer(8, 0, 0).is_after(&answer(7, 0, 0)));
        assert!(!answer(7, 0, 0).is_after(&answer(7, 0, 0)));
        assert!(!answer(6, 0, 0).is_after(&answer(7, 0, 0)));
        assert!(answer(1, 0, 0).is_after(&answer(u32::MAX, 0, 0)));
    }

    #[test]
    fn a_frame_is_as_many_refreshes_as_fit_a_sixtieth_of_a_second() {
        let frames_at = |hz: u64| answer(2, 1_000 + hz, 1_000_000).refreshes_a_frame(&answer(1, 1_000, 0));
        assert_eq!([30, 59, 60, 75, 120, 144, 240, 500].map(frames_at), [1, 1, 1, 1, 2, 2, 4, 8]);
        // A server that does not know the time, and one that says the same twice.
        assert_eq!(answer(2, 5, 0).refreshes_a_frame(&answer(1, 4, 0)), 1);
        assert_eq!(answer(2, 4, 9).refreshes_a_frame(&answer(1, 4, 0)), 1);
    }
}
