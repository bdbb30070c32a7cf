//! Files out of the window and into it: what the widgets wish for during a frame, and the drags that come of it.
use dragout::{DragFiles, DragProgress, DragSource, DropEvent, DropTarget, NativeWindow, PixelPoint, PixelRect, Wake};
use egui::{Context, CursorIcon, Id, Rect, Response};
use engine::DeckIndex;
use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Endings of files that a deck takes.
const ENDINGS: &[&str] = &["wav", "mid", "midi", "flac", "mp3", "ogg", "aif", "aiff", "m4a", "aac"];
/// The icon that follows the pointer, red, green, blue: the window's accent.
const ICON: [u8; 3] = [0x6f, 0xd3, 0xc0];

/// What widgets ask for while a frame is drawn.
#[derive(Default)]
pub struct Wishes {
    /// Finished files to drag out of the window now.
    pub drag: RefCell<Option<Vec<PathBuf>>>,
    /// Where files may be dropped, points.
    pub zones: RefCell<Vec<(DeckIndex, Rect)>>,
    /// A folder to show in the file manager now.
    pub show: RefCell<Option<PathBuf>>,
    /// The handle whose drag has begun and has not wished yet.
    begun: Cell<Option<Id>>,
}

impl Wishes {
    /// The handle is dragged, its pointer has moved away far enough to mean it, and its files have not been wished for.
    pub fn is_due(&self, handle: &Response) -> bool {
        if handle.drag_started() {
            self.begun.set(Some(handle.id));
        }
        let is_far = handle.total_drag_delta().is_some_and(|way| way.length() > FAR_PX);
        handle.dragged() && is_far && self.begun.get() == Some(handle.id)
    }

    /// The files of the handle that is due.
    pub fn wish(&self, files: Vec<PathBuf>) {
        self.begun.set(None);
        self.drag.replace(Some(files));
    }
}

/// A drag leaves the window from here on, points.
const FAR_PX: f32 = 6.0;

/// A file that was dropped onto a deck.
pub struct Dropped {
    /// The deck.
    pub deck: DeckIndex,
    /// The file.
    pub path: PathBuf,
}

/// Drags of one open window.
#[derive(Default)]
pub struct Carry {
    window: Option<NativeWindow>,
    source: Option<DragSource>,
    target: Option<DropTarget>,
    zones: Vec<(DeckIndex, PixelRect)>,
    hovered: Option<DeckIndex>,
}

impl Carry {
    /// For a window that has just been opened.
    pub fn new(window: Option<NativeWindow>, ctx: &Context) -> Self {
        let target = window.and_then(|window| DropTarget::attach(window, ENDINGS, wake(ctx)).ok());
        Self { window, target, ..Self::default() }
    }

    /// The deck that files are held over.
    pub fn hovered(&self) -> Option<DeckIndex> {
        self.hovered
    }

    /// After a frame: starts the drag that was wished for, keeps running ones, gives back what was dropped. An error is
    /// a sentence for the user.
    pub fn tend(&mut self, ctx: &Context, wishes: &Wishes) -> Result<Vec<Dropped>, String> {
        self.place(ctx, wishes);
        let dropped = self.receive();
        if let Some(folder) = wishes.show.take() {
            show(&folder)?;
        }
        match self.source.as_ref().map(DragSource::progress) {
            Some(DragProgress::Ended(_)) => self.source = None,
            Some(DragProgress::Dragging { is_accepted: false }) => ctx.set_cursor_icon(CursorIcon::NoDrop),
            Some(_) => ctx.set_cursor_icon(CursorIcon::Copy),
            None => {}
        }
        if let (Some(files), Some(window), None) = (wishes.drag.take(), self.window, &self.source) {
            let files = DragFiles::new(files).map_err(|error| error.to_string())?;
            self.source = Some(DragSource::start(window, files, ICON, wake(ctx)).map_err(|error| error.to_string())?);
        }
        Ok(dropped)
    }

    /// Tells the system where files may be dropped.
    fn place(&mut self, ctx: &Context, wishes: &Wishes) {
        let scale = ctx.pixels_per_point();
        let pixels = |rect: Rect| PixelRect {
            x: (rect.left() * scale) as i32,
            y: (rect.top() * scale) as i32,
            width: (rect.width() * scale) as i32,
            height: (rect.height() * scale) as i32,
        };
        let zones: Vec<_> = wishes.zones.take().into_iter().map(|(deck, rect)| (deck, pixels(rect))).collect();
        if zones != self.zones {
            if let Some(target) = &self.target {
                target.set_zones(zones.iter().map(|(_, rect)| *rect));
            }
            self.zones = zones;
        }
    }

    fn receive(&mut self) -> Vec<Dropped> {
        let mut dropped = Vec::new();
        while let Some(event) = self.target.as_ref().and_then(DropTarget::poll) {
            match event {
                DropEvent::Hover { at, .. } => self.hovered = self.deck_at(at),
                DropEvent::Left => self.hovered = None,
                DropEvent::Dropped { files, at } => {
                    self.hovered = None;
                    let decks = self.deck_at(at).into_iter().flat_map(|first| DeckIndex::all().skip(first.get()));
                    // Several files go to the deck they were dropped on and those below it.
                    dropped.extend(decks.zip(files.iter()).map(|(deck, path)| Dropped { deck, path: path.clone() }));
                }
            }
        }
        dropped
    }

    fn deck_at(&self, at: PixelPoint) -> Option<DeckIndex> {
        self.zones.iter().find(|(_, zone)| zone.contains(at)).map(|(deck, _)| *deck)
    }
}

/// Opens a folder in the file manager. One that nobody has needed yet is made.
fn show(folder: &Path) -> Result<(), String> {
    std::fs::create_dir_all(folder).map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
    dragout::open_folder(folder).map_err(|error| error.to_string())
}

fn wake(ctx: &Context) -> Wake {
    let ctx = ctx.clone();
    Arc::new(move || ctx.request_repaint())
}
