//! The window on X11.
use anyhow::{Context, Result};
use dragout::{DragFiles, DragProgress, DragSource, DropEvent, DropTarget, FileClipboard, NativeWindow, PixelRect};
use std::sync::Arc;
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt as _, CreateWindowAux, EventMask, PropMode, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

const WIDTH: u16 = 200;
const HEIGHT: u16 = 200;
/// Pixels the pointer moves before a press is a drag.
const THRESHOLD: i32 = 6;
/// The key C of the usual layouts.
const COPY_KEY: u8 = 54;
const ACCENT: [u8; 3] = [0x3d, 0xa3, 0x5d];

x11rb::atom_manager! {
    Atoms: AtomsCookie {
        WM_PROTOCOLS,
        WM_DELETE_WINDOW,
        WAKE: b"_CONTINUO_EXAMPLE_WAKE",
    }
}

struct Example {
    conn: Arc<RustConnection>,
    atoms: Atoms,
    window: u32,
    files: DragFiles,
    target: DropTarget,
    pressed: Option<(i16, i16)>,
    drag: Option<DragSource>,
    told: Option<DragProgress>,
    clipboard: Option<FileClipboard>,
}

pub fn main() -> Result<()> {
    let mut words = std::env::args_os().skip(1);
    let title = words.next().context("drag_window TITLE FILE...")?.into_string().ok().context("title")?;
    let files = DragFiles::new(words.map(Into::into))?;
    let (conn, screen) = x11rb::connect(None)?;
    let (conn, root) = (Arc::new(conn), screen);
    let atoms = Atoms::new(&*conn)?.reply()?;
    let window = open(&conn, root, atoms, &title)?;
    let wake = waker(Arc::clone(&conn), window, atoms.WAKE);
    let target = DropTarget::attach(NativeWindow::X11 { window }, &["mid", "wav"], wake)?;
    let (width, height) = (i32::from(WIDTH), i32::from(HEIGHT) / 2);
    target.set_zones([PixelRect { x: 0, y: height, width, height }]);
    println!("ready {window}");
    Example { conn, atoms, window, files, target, pressed: None, drag: None, told: None, clipboard: None }.run()
}

fn open(conn: &RustConnection, screen: usize, atoms: Atoms, title: &str) -> Result<u32> {
    let screen = &conn.setup().roots[screen];
    let window = conn.generate_id()?;
    let heard = EventMask::BUTTON_PRESS | EventMask::BUTTON_RELEASE | EventMask::POINTER_MOTION | EventMask::KEY_PRESS;
    let aux = CreateWindowAux::new().event_mask(heard).background_pixel(screen.white_pixel);
    // A host's window may have another depth than the root's.
    let (kind, same) = (WindowClass::INPUT_OUTPUT, x11rb::COPY_FROM_PARENT);
    let parent = title.parse().unwrap_or(screen.root);
    conn.create_window(x11rb::COPY_DEPTH_FROM_PARENT, window, parent, 0, 0, WIDTH, HEIGHT, 0, kind, same, &aux)?;
    conn.change_property8(PropMode::REPLACE, window, AtomEnum::WM_NAME, AtomEnum::STRING, title.as_bytes())?;
    let protocols = [atoms.WM_DELETE_WINDOW];
    conn.change_property32(PropMode::REPLACE, window, atoms.WM_PROTOCOLS, AtomEnum::ATOM, &protocols)?;
    conn.map_window(window)?;
    conn.flush()?;
    Ok(window)
}

fn waker(conn: Arc<RustConnection>, window: u32, kind: u32) -> dragout::Wake {
    Arc::new(move || {
        let event = ClientMessageEvent::new(32, window, kind, [0; 5]);
        let sent = conn.send_event(false, window, EventMask::NO_EVENT, event).map(drop);
        // Without a server the example ends anyway.
        let _ = sent.and_then(|()| conn.flush());
    })
}

impl Example {
    fn run(mut self) -> Result<()> {
        loop {
            match self.conn.wait_for_event()? {
                Event::ButtonPress(press) if press.detail == 1 && press.event_y < HEIGHT as i16 / 2 => {
                    self.pressed = Some((press.event_x, press.event_y));
                }
                Event::ButtonRelease(_) => self.pressed = None,
                Event::MotionNotify(motion) => self.moved(motion.event_x, motion.event_y)?,
                Event::KeyPress(key) => self.typed(key.detail)?,
                Event::ClientMessage(message) if message.data.as_data32()[0] == self.atoms.WM_DELETE_WINDOW => {
                    return Ok(());
                }
                Event::ClientMessage(_) => self.tell(),
                _ => {}
            }
        }
    }

    fn typed(&mut self, code: u8) -> Result<()> {
        println!("key {code}");
        if code == COPY_KEY {
            self.clipboard = Some(FileClipboard::copy(NativeWindow::X11 { window: self.window }, &self.files)?);
            println!("copied");
        }
        Ok(())
    }

    fn moved(&mut self, x: i16, y: i16) -> Result<()> {
        let Some((from_x, from_y)) = self.pressed else { return Ok(()) };
        let far = |from: i16, to: i16| (i32::from(from) - i32::from(to)).abs() > THRESHOLD;
        if far(from_x, x) || far(from_y, y) {
            self.pressed = None;
            println!("start");
            let wake = waker(Arc::clone(&self.conn), self.window, self.atoms.WAKE);
            let window = NativeWindow::X11 { window: self.window };
            self.told = None;
            self.drag = Some(DragSource::start(window, self.files.clone(), ACCENT, wake)?);
        }
        Ok(())
    }

    fn tell(&mut self) {
        if let Some(progress) = self.drag.as_ref().map(DragSource::progress)
            && self.told != Some(progress)
        {
            println!("progress {progress:?}");
            self.told = Some(progress);
        }
        while let Some(event) = self.target.poll() {
            match event {
                DropEvent::Hover { files, at } => println!("hover {} {} {files:?}", at.x, at.y),
                DropEvent::Left => println!("left"),
                DropEvent::Dropped { files, at } => println!("dropped {} {} {files:?}", at.x, at.y),
            }
        }
    }
}
