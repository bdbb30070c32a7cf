//! Files dropped onto the plugin's window.
use crate::xdnd::receive::Rules;
use crate::{DragError, NativeWindow, Wake, platform};
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most events that wait to be polled; of more, hovers are forgotten.
const MAX_WAITING: usize = 64;

/// A place in the window: physical pixels from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PixelPoint {
    /// To the right.
    pub x: i32,
    /// Downwards.
    pub y: i32,
}

/// A part of the window in physical pixels; the right and the lower edge are outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PixelRect {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width.
    pub width: i32,
    /// Height.
    pub height: i32,
}

impl PixelRect {
    /// Whether the point lies in it.
    pub fn contains(self, point: PixelPoint) -> bool {
        let (dx, dy) = (i64::from(point.x) - i64::from(self.x), i64::from(point.y) - i64::from(self.y));
        (0..i64::from(self.width)).contains(&dx) && (0..i64::from(self.height)).contains(&dy)
    }
}

/// What happens above the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DropEvent {
    /// Files are held over `at`.
    Hover {
        /// What would be dropped.
        files: Arc<[PathBuf]>,
        /// Where.
        at: PixelPoint,
    },
    /// They were taken away again.
    Left,
    /// They were dropped at `at`. Always inside a zone.
    Dropped {
        /// The files, which belong to whoever dragged them: read them, don't move them.
        files: Arc<[PathBuf]>,
        /// Where.
        at: PixelPoint,
    },
}

/// Receives files for the plugin's window, in place of what the window framework has for it.
///
/// The framework's window hears of drops but its egui side throws them away, so they never get to
/// `RawInput::dropped_files`: poll this instead. It ends when dropped; the window then receives nothing.
pub struct DropTarget {
    shared: Arc<Shared>,
    _platform: platform::Target,
}

impl DropTarget {
    /// Begins to receive files whose name ends in one of `endings` (lower case, without the dot); a drag that holds
    /// another one is refused. `wake` is called when there is something to poll.
    ///
    /// Call it, and drop it, on the window's thread.
    ///
    /// # Errors
    /// See [`DragError`].
    pub fn attach(window: NativeWindow, endings: &'static [&'static str], wake: Wake) -> Result<Self, DragError> {
        let shared = Arc::new(Shared { endings, wake, inside: Mutex::default() });
        let platform = platform::Target::attach(window, Arc::clone(&shared))?;
        Ok(Self { shared, _platform: platform })
    }

    /// Where files may be dropped; elsewhere the pointer shows that they may not. Nowhere until this is called.
    pub fn set_zones(&self, zones: impl IntoIterator<Item = PixelRect>) {
        let mut inside = self.shared.lock();
        inside.zones.clear();
        inside.zones.extend(zones);
    }

    /// The oldest event nobody has looked at. Does not wait.
    pub fn poll(&self) -> Option<DropEvent> {
        self.shared.lock().events.pop_front()
    }
}

/// What the receiving side tells the window, and what the window allows.
pub(crate) struct Shared {
    endings: &'static [&'static str],
    wake: Wake,
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    zones: Vec<PixelRect>,
    events: VecDeque<DropEvent>,
}

impl Rules for Shared {
    fn wants(&self, files: &[PathBuf]) -> bool {
        !files.is_empty() && files.iter().all(|file| has_ending(file, self.endings))
    }

    fn is_in_zone(&self, at: PixelPoint) -> bool {
        self.lock().zones.iter().any(|zone| zone.contains(at))
    }
}

impl Shared {
    /// Hands an event to the window; of hovers in a row only the last is kept.
    pub(crate) fn push(&self, event: DropEvent) {
        let mut inside = self.lock();
        let hovers = matches!(event, DropEvent::Hover { .. });
        if hovers && matches!(inside.events.back(), Some(DropEvent::Hover { .. })) {
            inside.events.pop_back();
        }
        if inside.events.len() >= MAX_WAITING {
            inside.events.retain(|waiting| matches!(waiting, DropEvent::Dropped { .. }));
        }
        if inside.events.len() < MAX_WAITING {
            inside.events.push_back(event);
        }
        drop(inside);
        (self.wake)();
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn has_ending(file: &Path, endings: &[&str]) -> bool {
    let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    endings.iter().any(|known| known.eq_ignore_ascii_case(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared() -> Shared {
        Shared { endings: &["mid", "wav"], wake: Arc::new(|| {}), inside: Mutex::default() }
    }

    #[test]
    fn only_files_of_known_kinds_are_wanted() {
        let shared = shared();
        assert!(shared.wants(&["/a.mid".into(), "/b.WAV".into()]));
        assert!(!shared.wants(&["/a.mid".into(), "/b.txt".into()]));
        assert!(!shared.wants(&["/mid".into()]));
        assert!(!shared.wants(&[]));
    }

    #[test]
    fn zones_end_before_their_right_and_lower_edge() {
        let shared = shared();
        assert!(!shared.is_in_zone(PixelPoint { x: 0, y: 0 }));
        shared.lock().zones.push(PixelRect { x: 10, y: 20, width: 5, height: 1 });
        let inside = |x, y| shared.is_in_zone(PixelPoint { x, y });
        assert!(inside(10, 20) && inside(14, 20));
        assert!(!inside(15, 20) && !inside(10, 21) && !inside(9, 20));
    }

    #[test]
    fn hovers_in_a_row_are_one_and_drops_are_never_lost_to_them() {
        let shared = shared();
        let files: Arc<[PathBuf]> = Arc::from([PathBuf::from("/a.mid")]);
        let hover = |x| DropEvent::Hover { files: Arc::clone(&files), at: PixelPoint { x, y: 0 } };
        let dropped = DropEvent::Dropped { files: Arc::clone(&files), at: PixelPoint { x: 1, y: 0 } };
        shared.push(hover(1));
        shared.push(hover(2));
        assert_eq!(shared.lock().events.len(), 1);
        shared.push(dropped.clone());
        for x in 0..200 {
            shared.push(hover(x));
            shared.push(DropEvent::Left);
        }
        let events = &shared.lock().events;
        assert!(events.len() <= MAX_WAITING);
        assert_eq!(events.iter().filter(|event| **event == dropped).count(), 1);
    }
}
