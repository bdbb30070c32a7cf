//! The plugin's window inside a window of ours, on X11.
use crate::host::Plugin;
use anyhow::{Context, Result, bail};
use clack_extensions::gui::{GuiApiType, GuiConfiguration, GuiSize, PluginGui, Window};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::damage::{self, ConnectionExt as _};
use x11rb::protocol::res::ConnectionExt as _;
use x11rb::protocol::xproto::{
    AtomEnum, ConfigureWindowAux, ConnectionExt, CreateWindowAux, EventMask, InputFocus, KeyPressEvent, PropMode,
    WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// Nobody waits longer for a window.
const PATIENCE: Duration = Duration::from_secs(20);

/// A display connection and the window that stands in for the host's.
pub struct Frame {
    connection: RustConnection,
    screen: usize,
    window: u32,
}

impl Frame {
    /// A window of `size` pixels on the display of the environment.
    ///
    /// # Errors
    /// Without a display.
    pub fn new(size: (u16, u16), title: &str) -> Result<Self> {
        let (connection, screen) = x11rb::connect(None).context("no X display")?;
        let window = connection.generate_id()?;
        let root = &connection.setup().roots[screen];
        let events = EventMask::STRUCTURE_NOTIFY | EventMask::KEY_PRESS | EventMask::FOCUS_CHANGE;
        let look = CreateWindowAux::new().background_pixel(root.black_pixel).event_mask(events);
        let class = WindowClass::INPUT_OUTPUT;
        connection.create_window(root.root_depth, window, root.root, 0, 0, size.0, size.1, 0, class, 0, &look)?;
        let (name, kind) = (AtomEnum::WM_NAME, AtomEnum::STRING);
        connection.change_property8(PropMode::REPLACE, window, name, kind, title.as_bytes())?;
        // Checked: another client may only be told of a window that the server has made.
        connection.map_window(window)?.check()?;
        Ok(Self { connection, screen, window })
    }

    /// Its id on the display.
    pub fn id(&self) -> u32 {
        self.window
    }

    /// Changes its size, pixels.
    ///
    /// # Errors
    /// When the display is gone.
    pub fn resize(&self, width: u32, height: u32) -> Result<()> {
        self.connection.configure_window(self.window, &ConfigureWindowAux::new().width(width).height(height))?;
        Ok(self.connection.flush()?)
    }

    /// Puts the keyboard on it, as a window manager does.
    ///
    /// # Errors
    /// When the display is gone.
    pub fn focus(&self) -> Result<()> {
        self.connection.set_input_focus(InputFocus::PARENT, self.window, x11rb::CURRENT_TIME)?;
        Ok(self.connection.flush()?)
    }

    /// Keys that have reached the host's own window since the last call, as hardware codes.
    ///
    /// # Errors
    /// When the display is gone.
    pub fn keys(&self) -> Result<Vec<u8>> {
        let mut keys = Vec::new();
        while let Some(event) = self.connection.poll_for_event()? {
            if let Event::KeyPress(KeyPressEvent { detail, .. }) = event {
                keys.push(detail);
            }
        }
        Ok(keys)
    }

    /// The plugin's own window inside, once it is there.
    ///
    /// # Errors
    /// When the display is gone.
    pub fn child(&self) -> Result<Option<u32>> {
        Ok(self.connection.query_tree(self.window)?.reply()?.children.first().copied())
    }

    /// Waits until the plugin has drawn: the middle of its window is no longer the frame's black.
    ///
    /// # Errors
    /// When nothing is drawn in twenty seconds.
    pub fn wait_until_drawn(&self, (width, height): (u32, u32)) -> Result<Duration> {
        let started = Instant::now();
        let root = self.connection.setup().roots[self.screen].root;
        while started.elapsed() < PATIENCE {
            let place = self.connection.translate_coordinates(self.window, root, 0, 0)?.reply()?;
            let (x, y) = (place.dst_x + (width / 2) as i16, place.dst_y + (height / 2) as i16);
            let format = x11rb::protocol::xproto::ImageFormat::Z_PIXMAP;
            let picture = self.connection.get_image(format, root, x - 8, y - 8, 16, 16, u32::MAX)?.reply()?;
            if picture.data.chunks(4).any(|pixel| pixel[..3] != [0, 0, 0]) {
                return Ok(started.elapsed());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        bail!("nothing was drawn in {} s", PATIENCE.as_secs())
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        // The display may be gone already: then so is the window.
        drop(self.connection.destroy_window(self.window).map(|cookie| cookie.check()));
    }
}

/// Counts the frames of a plugin's window from outside: every time something is put into its upper left corner, as a
/// software renderer does with each finished frame.
pub struct FrameCounter {
    connection: RustConnection,
    count: u64,
}

impl FrameCounter {
    /// For a window on the display of the environment.
    ///
    /// # Errors
    /// Without a display or its Damage extension.
    pub fn new(window: u32) -> Result<Self> {
        let (connection, _) = x11rb::connect(None).context("no X display")?;
        connection.damage_query_version(1, 1)?.reply()?;
        let id = connection.generate_id()?;
        connection.damage_create(id, window, damage::ReportLevel::RAW_RECTANGLES)?.check()?;
        Ok(Self { connection, count: 0 })
    }

    /// Frames so far.
    ///
    /// # Errors
    /// When the display is gone.
    pub fn count(&mut self) -> Result<u64> {
        while let Some(event) = self.connection.poll_for_event()? {
            self.count += u64::from(matches!(event, Event::DamageNotify(told) if (told.area.x, told.area.y) == (0, 0)));
        }
        Ok(self.count)
    }
}

/// Programs that are connected to the display, and what all of them hold there.
///
/// # Errors
/// Without a display, or when the server does not count.
pub fn clients_and_resources() -> Result<(usize, u32)> {
    let (connection, _) = x11rb::connect(None).context("no X display")?;
    let clients = connection.res_query_clients()?.reply()?.clients;
    let mut resources = 0;
    for client in &clients {
        let held = connection.res_query_client_resources(client.resource_base)?.reply()?;
        resources += held.types.iter().map(|kind| kind.count).sum::<u32>();
    }
    Ok((clients.len(), resources))
}

const X11: GuiConfiguration<'static> = GuiConfiguration { api_type: GuiApiType::X11, is_floating: false };

impl Plugin {
    fn gui(&mut self) -> Result<PluginGui> {
        self.instance.plugin_handle().get_extension().context("the plugin has no window")
    }

    /// Opens the plugin's window in a frame of the size it wants at `scale`; gives the frame and its size. The host has
    /// other things to do for as long as `dawdle` before it shows the window.
    ///
    /// # Errors
    /// When the plugin refuses, or without a display.
    #[expect(unsafe_code, reason = "a window handle is a number that only we can vouch for")]
    pub fn open_window(&mut self, scale: f64, title: &str, dawdle: Duration) -> Result<(Frame, (u32, u32))> {
        let gui = self.gui()?;
        let handle = self.instance.plugin_handle();
        gui.create(&handle, X11)?;
        // A plugin that asks the system itself may refuse.
        gui.set_scale(&handle, scale).ok();
        let GuiSize { width, height } = gui.get_size(&handle).context("the window has no size")?;
        let frame = Frame::new((width as u16, height as u16), title)?;
        // SAFETY: the frame is closed after the plugin's window: see `close_window`.
        unsafe { gui.set_parent(&handle, Window::from_x11_handle(frame.id().into()))? };
        std::thread::sleep(dawdle);
        gui.show(&handle)?;
        Ok((frame, (width, height)))
    }

    /// Closes the plugin's window, then the frame.
    ///
    /// # Errors
    /// When there never was a window.
    pub fn close_window(&mut self, frame: Frame) -> Result<()> {
        let gui = self.gui()?;
        gui.destroy(&self.instance.plugin_handle());
        drop(frame);
        Ok(())
    }

    /// Gives the open window another size, as near as it can be had; the size it then has.
    ///
    /// # Errors
    /// When the plugin refuses.
    pub fn resize_window(&mut self, frame: &Frame, width: u32, height: u32) -> Result<(u32, u32)> {
        let gui = self.gui()?;
        let handle = self.instance.plugin_handle();
        let size = GuiSize { width, height };
        let size = gui.adjust_size(&handle, size).unwrap_or(size);
        frame.resize(size.width, size.height)?;
        gui.set_size(&handle, size)?;
        Ok((size.width, size.height))
    }

    /// The size the window has asked for since the last call.
    pub fn wanted_size(&mut self) -> Option<(u32, u32)> {
        let packed = self.instance.access_shared_handler(|shared| shared.wanted_size.swap(0, Ordering::AcqRel));
        let size = GuiSize::unpack_from_u64(packed);
        (packed != 0).then_some((size.width, size.height))
    }
}
