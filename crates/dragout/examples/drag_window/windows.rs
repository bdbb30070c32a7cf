//! The window on Windows.
#![allow(unsafe_code)] // the system's calls; each block says why it is sound

use anyhow::{Context, Result};
use dragout::{DragFiles, DragProgress, DragSource, DropEvent, DropTarget, NativeWindow, PixelRect};
use std::cell::RefCell;
use std::sync::Arc;
use windows::Win32::Foundation::{HWND, LPARAM, LRESULT, WPARAM};
use windows::Win32::System::Ole::OleInitialize;
use windows::Win32::UI::Input::KeyboardAndMouse::{ReleaseCapture, SetCapture};
use windows::Win32::UI::WindowsAndMessaging::{
    CreateWindowExW, DefWindowProcW, DispatchMessageW, GetMessageW, MSG, PostMessageW, PostQuitMessage, RegisterClassW,
    WINDOW_EX_STYLE, WM_APP, WM_DESTROY, WM_LBUTTONDOWN, WM_LBUTTONUP, WM_MOUSEMOVE, WNDCLASSW, WS_OVERLAPPEDWINDOW,
    WS_VISIBLE,
};
use windows_core::{HSTRING, w};

const SIZE: i32 = 220;
/// Lower edge of the handle; below it files are received.
const HANDLE_BOTTOM: i32 = 90;
/// Pixels the pointer moves before a press is a drag.
const THRESHOLD: i32 = 6;

struct Example {
    hwnd: HWND,
    files: DragFiles,
    target: DropTarget,
    pressed: Option<(i32, i32)>,
    drag: Option<DragSource>,
    told: Option<DragProgress>,
}

thread_local! {
    static EXAMPLE: RefCell<Option<Example>> = RefCell::default();
}

pub fn main() -> Result<()> {
    let mut words = std::env::args_os().skip(1);
    let title = words.next().context("drag_window TITLE FILE...")?;
    let files = DragFiles::new(words.map(Into::into))?;
    // SAFETY: takes no pointer; the process ends without undoing it.
    unsafe { OleInitialize(None) }?;
    let hwnd = open(&HSTRING::from(title))?;
    let target = DropTarget::attach(NativeWindow::Win32 { hwnd: hwnd.0 as isize }, &["mid", "wav"], waker(hwnd))?;
    target.set_zones([PixelRect { x: 0, y: HANDLE_BOTTOM, width: SIZE, height: SIZE }]);
    EXAMPLE.set(Some(Example { hwnd, files, target, pressed: None, drag: None, told: None }));
    println!("ready {}", hwnd.0 as isize);
    let mut message = MSG::default();
    // SAFETY: the message lives through both calls.
    while unsafe { GetMessageW(&mut message, None, 0, 0) }.as_bool() {
        // SAFETY: as above.
        unsafe { DispatchMessageW(&message) };
    }
    Ok(())
}

fn open(title: &HSTRING) -> Result<HWND> {
    let class = WNDCLASSW { lpfnWndProc: Some(heard), lpszClassName: w!("continuo_drag_window"), ..Default::default() };
    // SAFETY: the class lives through the call, its function and name as long as the program.
    unsafe { RegisterClassW(&class) };
    let style = WS_OVERLAPPEDWINDOW | WS_VISIBLE;
    let (extra, place) = (WINDOW_EX_STYLE::default(), 100);
    // SAFETY: the class was registered just above, and the title lives through the call.
    let hwnd = unsafe {
        CreateWindowExW(extra, class.lpszClassName, title, style, place, place, SIZE, SIZE, None, None, None, None)
    };
    Ok(hwnd?)
}

fn waker(hwnd: HWND) -> dragout::Wake {
    let hwnd = hwnd.0 as isize;
    Arc::new(move || {
        // SAFETY: a posted message without pointers; it fails when the window is gone.
        let _ = unsafe { PostMessageW(Some(HWND(hwnd as *mut _)), WM_APP, WPARAM(0), LPARAM(0)) };
    })
}

extern "system" fn heard(hwnd: HWND, message: u32, word: WPARAM, long: LPARAM) -> LRESULT {
    let at = (i32::from(long.0 as i16), i32::from((long.0 >> 16) as i16));
    match message {
        WM_LBUTTONDOWN | WM_LBUTTONUP | WM_MOUSEMOVE | WM_APP => {
            EXAMPLE.with_borrow_mut(|example| {
                if let Some(example) = example {
                    example.handle(message, at);
                }
            });
            LRESULT(0)
        }
        WM_DESTROY => {
            // SAFETY: takes no pointer.
            unsafe { PostQuitMessage(0) };
            LRESULT(0)
        }
        // SAFETY: the message as it came.
        _ => unsafe { DefWindowProcW(hwnd, message, word, long) },
    }
}

impl Example {
    fn handle(&mut self, message: u32, at: (i32, i32)) {
        match message {
            WM_LBUTTONDOWN if at.1 < HANDLE_BOTTOM => {
                self.pressed = Some(at);
                // SAFETY: our own window, on its thread.
                unsafe { SetCapture(self.hwnd) };
            }
            WM_LBUTTONUP => {
                println!("up");
                self.pressed = None;
                // SAFETY: takes no pointer; without a capture it does nothing.
                let _ = unsafe { ReleaseCapture() };
            }
            WM_MOUSEMOVE => self.moved(at),
            WM_APP => self.tell(),
            _ => {}
        }
    }

    fn moved(&mut self, (x, y): (i32, i32)) {
        let Some((from_x, from_y)) = self.pressed else { return };
        if (x - from_x).abs() > THRESHOLD || (y - from_y).abs() > THRESHOLD {
            self.pressed = None;
            println!("start");
            let window = NativeWindow::Win32 { hwnd: self.hwnd.0 as isize };
            self.told = None;
            match DragSource::start(window, self.files.clone(), [0; 3], waker(self.hwnd)) {
                Ok(drag) => self.drag = Some(drag),
                Err(error) => println!("error {error}"),
            }
        }
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
