//! The thread of one drag.
//!
//! While the button is held the pointer belongs to the window it was pressed in, by the server's implicit grab, and
//! nobody else can grab it. So nothing is grabbed here: the pointer is asked for its place and buttons
//! [`POLL_INTERVAL`] by interval, which works whoever holds it, and Escape alone is taken from the keyboard.
use super::icon::Icon;
use super::link::{Link, absent, spawn};
use super::offer::Offer;
use super::walk::receiver_at;
use crate::drag::Shared;
use crate::xdnd::send::{Happening, Order, Receiver, Sender};
use crate::xdnd::{RootPoint, VERSION, message};
use crate::{DragError, DragFiles, DragOutcome, DragProgress, NativeWindow};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use x11rb::connection::Connection as _;
use x11rb::errors::{ConnectionError, ReplyError, ReplyOrIdError};
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt as _, GrabMode, KeyButMask, ModMask, PropMode,
};
use x11rb::wrapper::ConnectionExt as _;

/// 100 times a second: a receiver is told the place half as often, and a release is seen within a hundredth.
const POLL_INTERVAL: Duration = Duration::from_millis(10);
/// How long our hidden window outlives the drag. GTK does not look at a leaving whose sender is gone, and would keep its
/// highlight.
const LINGER: Duration = Duration::from_millis(500);
/// The same where the plugin is being closed.
const SHORT_LINGER: Duration = Duration::from_millis(50);
/// How long a drop that is under way may keep a plugin that is being closed, milliseconds.
const FAREWELL_MS: u64 = 250;
/// X's name of the Escape key.
const ESCAPE_KEYSYM: u32 = 0xff1b;

/// The running thread.
pub struct Drag {
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drag {
    pub fn start(
        window: NativeWindow,
        files: DragFiles,
        accent: [u8; 3],
        shared: Arc<Shared>,
    ) -> Result<Self, DragError> {
        super::id(window)?;
        let (stop, stopped) = mpsc::channel();
        let mut dragging = Dragging::begin(&files, accent, Arc::clone(&shared))?;
        let thread = spawn("continuo-drag", move || {
            let outcome = dragging.run(&stopped).unwrap_or(DragOutcome::Lost);
            // An error means that the server is gone, and everything with it.
            let _ = dragging.undress();
            shared.set(DragProgress::Ended(outcome));
            linger(&stopped);
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }

    pub fn cancel(&self) {
        if let Some(stop) = &self.stop {
            // An ended drag hears nothing and needs nothing.
            let _ = stop.send(());
        }
    }
}

impl Drop for Drag {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Dragging {
    link: Link,
    offer: Offer,
    sender: Sender,
    orders: Vec<Order>,
    icon: Option<Icon>,
    escape: Vec<u8>,
    shared: Arc<Shared>,
    begun: Instant,
    last_at: Option<RootPoint>,
    /// The server's time, one interval old at most.
    time: u32,
}

impl Dragging {
    fn begin(files: &DragFiles, accent: [u8; 3], shared: Arc<Shared>) -> Result<Self, DragError> {
        let failed = |reason: String| DragError::System { action: "begin a drag", reason };
        let link = Link::open()?;
        let time = own(&link).map_err(|error| failed(error.to_string()))?;
        let time = time.ok_or_else(|| failed("another drag is under way".to_owned()))?;
        let (icon, escape) = dress(&link, files, accent).map_err(|error| failed(error.to_string()))?;
        let offer = Offer::new(files, time);
        let (sender, orders, begun) = (Sender::default(), Vec::new(), Instant::now());
        Ok(Self { link, offer, sender, orders, icon: Some(icon), escape, shared, begun, last_at: None, time })
    }

    /// Until the drag has ended, by whatever way.
    fn run(&mut self, stopped: &mpsc::Receiver<()>) -> Result<DragOutcome, ConnectionError> {
        let mut farewell_ms = None;
        loop {
            match stopped.recv_timeout(POLL_INTERVAL) {
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Ok(()) => self.handle(Happening::Cancelled),
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    self.handle(Happening::Cancelled);
                    let until_ms = *farewell_ms.get_or_insert(self.now_ms() + FAREWELL_MS);
                    if self.sender.is_dropped() && self.now_ms() > until_ms {
                        return Ok(DragOutcome::Unconfirmed);
                    }
                    // A closed channel does not wait.
                    std::thread::park_timeout(POLL_INTERVAL);
                }
            }
            while let Some(event) = self.link.conn.poll_for_event()? {
                self.heard(&event)?;
            }
            self.look()?;
            self.handle(Happening::Tick);
            if let Some(outcome) = self.obey()? {
                return Ok(outcome);
            }
        }
    }

    /// Takes the icon away and gives Escape back.
    fn undress(&mut self) -> Result<(), ConnectionError> {
        if let Some(icon) = self.icon.take() {
            icon.hide(&self.link)?;
        }
        for code in &self.escape {
            self.link.conn.ungrab_key(*code, self.link.screen.root, ModMask::ANY)?;
        }
        self.link.conn.flush()
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn handle(&mut self, happening: Happening) {
        self.sender.handle(happening, self.now_ms(), &mut self.orders);
    }

    fn heard(&mut self, event: &Event) -> Result<(), ConnectionError> {
        match event {
            Event::PropertyNotify(event) => self.time = event.time,
            Event::SelectionRequest(request) => self.offer.serve(&self.link, request)?,
            // Another program began a drag of its own.
            Event::SelectionClear(_) => self.handle(Happening::Cancelled),
            Event::KeyPress(key) if self.escape.contains(&key.detail) => self.handle(Happening::Cancelled),
            Event::ClientMessage(message) if message.format == 32 => self.answered(message),
            // Errors are of windows that are gone.
            _ => {}
        }
        Ok(())
    }

    fn answered(&mut self, message: &ClientMessageEvent) {
        let words = message.data.as_data32();
        if message.type_ == self.link.atoms.XdndStatus {
            let (window, is_accepted, quiet) = message::read_status(words);
            self.handle(Happening::Status { window, is_accepted, quiet });
        } else if message.type_ == self.link.atoms.XdndFinished {
            let version = self.sender.receiver().map_or(VERSION, |receiver| receiver.version);
            let (window, is_taken) = message::read_finished(words, version);
            self.handle(Happening::Finished { window, is_taken });
        }
    }

    /// Where the pointer is, whether the button is held, and whether the receiver is still there.
    fn look(&mut self) -> Result<(), ConnectionError> {
        self.link.ask_time()?;
        if let Some(receiver) = self.sender.receiver() {
            let is_there = absent(self.link.conn.get_window_attributes(receiver.window)?.reply())?.is_some();
            if !is_there {
                self.last_at = None;
                self.handle(Happening::Gone { window: receiver.window });
            }
        }
        if self.sender.is_dropped() {
            return Ok(());
        }
        let Some(pointer) = absent(self.link.conn.query_pointer(self.link.screen.root)?.reply())? else {
            return Ok(());
        };
        let at = RootPoint { x: pointer.root_x, y: pointer.root_y };
        let is_held = u16::from(pointer.mask) & u16::from(KeyButMask::BUTTON1) != 0;
        if self.last_at != Some(at) {
            self.last_at = Some(at);
            if let Some(icon) = &self.icon {
                icon.follow(&self.link, at)?;
            }
            let over = receiver_at(&self.link, at)?;
            self.handle(Happening::Pointer { at, over });
        }
        if !is_held {
            self.handle(Happening::Released);
        }
        Ok(())
    }

    /// Does what the protocol asks for; gives the outcome when it is over.
    fn obey(&mut self) -> Result<Option<DragOutcome>, ConnectionError> {
        let mut outcome = None;
        for order in std::mem::take(&mut self.orders) {
            match order {
                Order::Show { is_accepted } => {
                    if let Some(icon) = &self.icon {
                        icon.mark(&self.link, is_accepted)?;
                    }
                    self.shared.set(DragProgress::Dragging { is_accepted });
                }
                Order::End(how) => outcome = Some(how),
                Order::Enter(to) | Order::Leave(to) | Order::Position(to, _) | Order::Drop(to) => {
                    self.tell(to, order)?
                }
            }
        }
        self.link.conn.flush()?;
        Ok(outcome)
    }

    fn tell(&mut self, to: Receiver, order: Order) -> Result<(), ConnectionError> {
        let (atoms, window, time) = (self.link.atoms, self.link.window, self.time);
        let (kind, words) = match order {
            Order::Enter(_) => (atoms.XdndEnter, message::enter(window, to.version, &Offer::drag_types(&self.link))),
            Order::Position(_, at) => (atoms.XdndPosition, message::position(window, at, time, atoms.XdndActionCopy)),
            Order::Drop(_) => {
                // The sheet has been let go of, though the receiver may still be reading.
                if let Some(icon) = self.icon.take() {
                    icon.hide(&self.link)?;
                }
                self.shared.set(DragProgress::Dropped);
                (atoms.XdndDrop, message::drop(window, time))
            }
            _ => (atoms.XdndLeave, message::leave(window)),
        };
        self.link.send(to.mailbox, to.window, kind, words)
    }
}

/// Waits with the connection open; less when nobody wants it any more.
fn linger(stopped: &mpsc::Receiver<()>) {
    let until = Instant::now() + LINGER;
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        if stopped.recv_timeout(left) == Err(mpsc::RecvTimeoutError::Disconnected) {
            return std::thread::sleep(SHORT_LINGER);
        }
    }
}

/// Owns the drag's selection; the time since when, or none when another program keeps it.
fn own(link: &Link) -> Result<Option<u32>, ReplyError> {
    let time = link.time()?;
    link.conn.set_selection_owner(link.window, link.atoms.XdndSelection, time)?;
    let owner = link.conn.get_selection_owner(link.atoms.XdndSelection)?.reply()?.owner;
    let types = Offer::drag_types(link);
    link.conn.change_property32(PropMode::REPLACE, link.window, link.atoms.XdndTypeList, AtomEnum::ATOM, &types)?;
    Ok((owner == link.window).then_some(time))
}

/// Shows the icon and takes Escape from the keyboard, so that it does not close the host's window as well.
fn dress(link: &Link, files: &DragFiles, accent: [u8; 3]) -> Result<(Icon, Vec<u8>), ReplyOrIdError> {
    let pointer = link.conn.query_pointer(link.screen.root)?.reply()?;
    let at = RootPoint { x: pointer.root_x, y: pointer.root_y };
    let icon = Icon::show(link, at, accent, files.paths().len())?;
    let escape = keycodes(link, ESCAPE_KEYSYM)?;
    // Caps Lock and Num Lock count as modifiers; all modifiers at once would collide with the window manager's keys.
    let locks = [ModMask::default(), ModMask::LOCK, ModMask::M2, ModMask::LOCK | ModMask::M2];
    for (code, lock) in escape.iter().flat_map(|code| locks.map(|lock| (*code, lock))) {
        link.conn.grab_key(false, link.screen.root, lock, code, GrabMode::ASYNC, GrabMode::ASYNC)?;
    }
    Ok((icon, escape))
}

fn keycodes(link: &Link, keysym: u32) -> Result<Vec<u8>, ReplyError> {
    let setup = link.conn.setup();
    let (first, last) = (setup.min_keycode, setup.max_keycode);
    let mapping = link.conn.get_keyboard_mapping(first, last - first + 1)?.reply()?;
    let rows = mapping.keysyms.chunks(usize::from(mapping.keysyms_per_keycode.max(1)));
    Ok((first..=last).zip(rows).filter(|(_, row)| row.contains(&keysym)).map(|(code, _)| code).collect())
}
