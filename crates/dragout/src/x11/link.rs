//! One connection to the X server with a hidden window of our own.
use crate::DragError;
use std::sync::Arc;
use std::thread::JoinHandle;
use x11rb::COPY_DEPTH_FROM_PARENT;
use x11rb::connection::Connection as _;
use x11rb::errors::{ConnectionError, ReplyError};
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConnectionExt as _, CreateWindowAux, EventMask, PropMode, Screen, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

x11rb::atom_manager! {
    /// Names that both sides of the protocol use.
    pub Atoms: AtomsCookie {
        XdndAware,
        XdndProxy,
        XdndSelection,
        XdndEnter,
        XdndPosition,
        XdndStatus,
        XdndLeave,
        XdndDrop,
        XdndFinished,
        XdndTypeList,
        XdndActionCopy,
        CLIPBOARD,
        TARGETS,
        TIMESTAMP,
        TEXT_URI_LIST: b"text/uri-list",
        TEXT_PLAIN: b"text/plain",
        UTF8_STRING,
        GNOME_COPIED_FILES: b"x-special/gnome-copied-files",
        // On a window that a DropTarget of ours receives for.
        CONTINUO_DROP: b"_CONTINUO_DROP",
        // Where our hidden window gets what it asked for, and learns the server's time.
        CONTINUO_DATA: b"_CONTINUO_DATA",
        CONTINUO_STOP: b"_CONTINUO_STOP",
    }
}

/// The connection. Several threads may use it; one of them reads its events.
pub struct Link {
    pub conn: RustConnection,
    pub screen: Screen,
    pub atoms: Atoms,
    /// Hidden, never mapped, hears of its own properties.
    pub window: u32,
}

impl Link {
    /// Connects to the display that `DISPLAY` names.
    pub fn open() -> Result<Self, DragError> {
        let failed = |reason: String| DragError::System { action: "connect to the X server", reason };
        let (conn, screen) = x11rb::connect(None).map_err(|error| failed(error.to_string()))?;
        let screen = conn.setup().roots[screen].clone();
        Self::set_up(conn, screen).map_err(|error| failed(error.to_string()))
    }

    fn set_up(conn: RustConnection, screen: Screen) -> Result<Self, x11rb::errors::ReplyOrIdError> {
        let atoms = Atoms::new(&conn)?.reply()?;
        let window = conn.generate_id()?;
        let aux = CreateWindowAux::new().override_redirect(1).event_mask(EventMask::PROPERTY_CHANGE);
        let (kind, visual) = (WindowClass::INPUT_OUTPUT, screen.root_visual);
        conn.create_window(COPY_DEPTH_FROM_PARENT, window, screen.root, -10, -10, 1, 1, 0, kind, visual, &aux)?;
        Ok(Self { conn, screen, atoms, window })
    }

    /// The server answers with a `PropertyNotify` that carries its time.
    pub fn ask_time(&self) -> Result<(), ConnectionError> {
        self.conn.change_property8(PropMode::APPEND, self.window, self.atoms.CONTINUO_DATA, AtomEnum::STRING, &[])?;
        Ok(())
    }

    /// The server's time, waited for. Other events are left out: ask before anything else can come.
    pub fn time(&self) -> Result<u32, ConnectionError> {
        self.ask_time()?;
        self.conn.flush()?;
        loop {
            if let Event::PropertyNotify(event) = self.conn.wait_for_event()? {
                return Ok(event.time);
            }
        }
    }

    /// Sends a message of the protocol that concerns `window` to `mailbox`.
    pub fn send(&self, mailbox: u32, window: u32, kind: Atom, words: [u32; 5]) -> Result<(), ConnectionError> {
        let event = ClientMessageEvent::new(32, window, kind, words);
        self.conn.send_event(false, mailbox, EventMask::NO_EVENT, event)?;
        self.conn.flush()
    }

    /// A property of 32-bit words; none when the window or the property is not there, or is of another type.
    pub fn words(&self, window: u32, property: Atom, kind: AtomEnum) -> Result<Option<Vec<u32>>, ConnectionError> {
        let reply = self.conn.get_property(false, window, property, kind, 0, 256)?.reply();
        Ok(absent(reply)?.and_then(|reply| reply.value32().map(Iterator::collect)))
    }
}

/// A reply, or none where the server reports an error: windows of other programs may vanish at any time.
pub fn absent<T>(reply: Result<T, ReplyError>) -> Result<Option<T>, ConnectionError> {
    match reply {
        Ok(reply) => Ok(Some(reply)),
        Err(ReplyError::X11Error(_)) => Ok(None),
        Err(ReplyError::ConnectionError(error)) => Err(error),
    }
}

/// A thread that waits for events on a link, and ends when this is dropped or the connection is lost.
pub struct Listener {
    link: Arc<Link>,
    thread: Option<JoinHandle<()>>,
}

impl Listener {
    /// Calls `hear` with every event until it says false.
    pub fn start(
        name: &str,
        link: Link,
        mut hear: impl FnMut(&Link, Event) -> Result<bool, ConnectionError> + Send + 'static,
    ) -> Result<Self, DragError> {
        let link = Arc::new(link);
        let heard = Arc::clone(&link);
        let run = move || {
            while let Ok(event) = heard.conn.wait_for_event() {
                let is_stop =
                    matches!(&event, Event::ClientMessage(message) if message.type_ == heard.atoms.CONTINUO_STOP);
                if is_stop || !hear(&heard, event).unwrap_or(false) {
                    break;
                }
            }
        };
        let thread = spawn(name, run)?;
        Ok(Self { link, thread: Some(thread) })
    }

    pub fn link(&self) -> &Link {
        &self.link
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let (window, stop) = (self.link.window, self.link.atoms.CONTINUO_STOP);
        // On a lost connection the thread has ended by itself.
        let _ = self.link.send(window, window, stop, [0; 5]);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A named thread.
pub fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, DragError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map_err(|error| DragError::System { action: "start a thread", reason: error.to_string() })
}
