//! A window of Windows' own to embed the plugin's in.
#![expect(unsafe_code, reason = "the calls of Windows")]
use crate::host::Plugin;
use anyhow::{Context, Result, ensure};
use clack_extensions::gui::{GuiApiType, GuiConfiguration, GuiSize, PluginGui, Window};
use windows::Win32::Foundation::{HWND, LPARAM, LRESULT, RECT, WPARAM};
use windows::Win32::System::LibraryLoader::GetModuleHandleW;
use windows::Win32::UI::WindowsAndMessaging::{
    AdjustWindowRect, CreateWindowExW, DefWindowProcW, DestroyWindow, DispatchMessageW, GW_CHILD, GetClientRect,
    GetWindow, IsWindowVisible, MSG, PM_REMOVE, PeekMessageW, RegisterClassW, TranslateMessage, WINDOW_EX_STYLE,
    WNDCLASSW, WS_CLIPCHILDREN, WS_OVERLAPPEDWINDOW, WS_VISIBLE,
};
use windows::core::{HSTRING, w};

/// A top-level window with an inner area of the asked size.
pub struct Frame {
    window: HWND,
}

unsafe extern "system" fn answer(window: HWND, message: u32, word: WPARAM, long: LPARAM) -> LRESULT {
    // SAFETY: Windows calls with a live window's own message, which is handed on as it is.
    unsafe { DefWindowProcW(window, message, word, long) }
}

impl Frame {
    /// Opens it, visible.
    ///
    /// # Errors
    /// What Windows says; without a display it refuses.
    pub fn new((width, height): (u32, u32), title: &str) -> Result<Self> {
        let (right, bottom) = (i32::try_from(width)?, i32::try_from(height)?);
        let mut area = RECT { left: 0, top: 0, right, bottom };
        let style = WS_OVERLAPPEDWINDOW | WS_CLIPCHILDREN | WS_VISIBLE;
        // SAFETY: plain data that outlives each call; `answer` lives as long as the program.
        unsafe {
            let module = GetModuleHandleW(None)?.into();
            let class = w!("ContinuoTestFrame");
            let described =
                WNDCLASSW { lpfnWndProc: Some(answer), hInstance: module, lpszClassName: class, ..Default::default() };
            // Zero the second time: the class is there already.
            RegisterClassW(&described);
            AdjustWindowRect(&mut area, style, false)?;
            let (width, height) = (area.right - area.left, area.bottom - area.top);
            let title = HSTRING::from(title);
            let at = WINDOW_EX_STYLE::default();
            let window =
                CreateWindowExW(at, class, &title, style, 20, 20, width, height, None, None, Some(module), None)?;
            Ok(Self { window })
        }
    }

    /// Width and height of the visible window inside, in pixels.
    ///
    /// # Errors
    /// When there is none, or it is hidden.
    pub fn child_size(&self) -> Result<(i32, i32)> {
        let mut area = RECT::default();
        // SAFETY: a live window, and memory for the answer.
        unsafe {
            let child = GetWindow(self.window, GW_CHILD).context("the plugin's window is not inside ours")?;
            ensure!(IsWindowVisible(child).as_bool(), "the plugin's window is hidden");
            GetClientRect(child, &mut area)?;
        }
        Ok((area.right - area.left, area.bottom - area.top))
    }

    /// Hands every waiting message on, and calls `idle`, until that says `false`.
    ///
    /// # Errors
    /// Those of `idle`.
    pub fn run(&self, mut idle: impl FnMut() -> Result<bool>) -> Result<()> {
        loop {
            let mut message = MSG::default();
            // SAFETY: memory for the message, which is handed on as it came.
            unsafe {
                while PeekMessageW(&mut message, None, 0, 0, PM_REMOVE).as_bool() {
                    // False only says that it was no key.
                    let _is_key = TranslateMessage(&message);
                    DispatchMessageW(&message);
                }
            }
            if !idle()? {
                return Ok(());
            }
        }
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        // SAFETY: our own window, on the thread that made it. It may be gone already.
        unsafe { DestroyWindow(self.window) }.ok();
    }
}

const WIN32: GuiConfiguration<'static> = GuiConfiguration { api_type: GuiApiType::WIN32, is_floating: false };

impl Plugin {
    /// Opens the plugin's window in a frame of the size it wants; gives the frame and its size.
    ///
    /// # Errors
    /// When the plugin refuses, or without a display.
    pub fn open_window(&mut self, title: &str) -> Result<(Frame, (u32, u32))> {
        let handle = self.instance.plugin_handle();
        let gui: PluginGui = handle.get_extension().context("the plugin has no window")?;
        gui.create(&handle, WIN32)?;
        let GuiSize { width, height } = gui.get_size(&handle).context("the window has no size")?;
        let frame = Frame::new((width, height), title)?;
        // SAFETY: the frame is closed after the plugin's window: see `close_window`.
        unsafe { gui.set_parent(&handle, Window::from_win32_hwnd(frame.window.0))? };
        gui.show(&handle)?;
        Ok((frame, (width, height)))
    }

    /// Closes the plugin's window, then the frame.
    ///
    /// # Errors
    /// When there never was a window.
    pub fn close_window(&mut self, frame: Frame) -> Result<()> {
        let handle = self.instance.plugin_handle();
        let gui: PluginGui = handle.get_extension().context("the plugin has no window")?;
        gui.destroy(&handle);
        drop(frame);
        Ok(())
    }
}
