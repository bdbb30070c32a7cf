//! A list of all takes in memory: made once, then kept up with the folders.
//!
//! Nothing of it is on the disk: the folders are the truth, and several programs may work on them. One list serves all
//! instances of a process that share a library.
use crate::head::{Head, read_head};
use crate::library::{STAGING_PREFIX, TAKE_JSON};
use crate::{Library, LibraryError, Stars, about};
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime};
use take::{StemKind, TakeId, TakeInfo};

/// A folder whose time stamp is younger than this may still change without its stamp changing: some file systems
/// count in steps of two seconds.
const STAMP_STEP: Duration = Duration::from_secs(2);

/// A take as a list shows it: everything but notes and sound.
#[derive(Debug, Clone, PartialEq)]
pub struct LibraryTake {
    /// Content hash.
    pub id: TakeId,
    /// About it.
    pub info: TakeInfo,
    /// The stems it has.
    pub stems: Vec<StemKind>,
    /// When it was saved.
    pub saved_at: SystemTime,
    /// Favourite.
    pub is_starred: bool,
    text: String,
}

impl LibraryTake {
    fn new(id: TakeId, head: Head, is_starred: bool) -> Self {
        let Head { info, stems, metadata } = head;
        let saved_at = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        let (spec, bpm) = (&info.spec, about::short_number(info.tempo.get()));
        let style = spec.style.as_str();
        let (spoken, key, scale) = (style.replace('_', " "), about::key(&info), info.scale.name());
        let text = format!("{}\n{}\n{style}\n{spoken}\n{}\n{key} {scale}\n{bpm}", spec.prompt, info.name, info.engine);
        Self { id, text: text.to_lowercase(), info, stems, saved_at, is_starred }
    }

    /// Who made it, without the version: `band`.
    pub fn engine_name(&self) -> &str {
        self.info.engine.split('/').next().unwrap_or_default()
    }

    /// Key as tags have it: `Am`, `F#m`, `Eb`.
    pub fn key(&self) -> String {
        about::key(&self.info)
    }

    /// All that can be searched for, in lower case.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// A folder in the library that is no take anybody could play.
#[derive(Debug, Clone, PartialEq)]
pub struct BrokenTake {
    /// The folder.
    pub dir: PathBuf,
    /// What is wrong with it, a sentence without its full stop.
    pub reason: String,
}

/// The library at one moment.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// Newest first.
    pub takes: Vec<Arc<LibraryTake>>,
    /// Sorted by folder.
    pub broken: Vec<BrokenTake>,
}

/// Lists a library. Shared by all who work on the same one.
#[derive(Debug)]
pub struct TakeIndex {
    library: Library,
    held: Mutex<Held>,
    /// One at a time looks at the disk.
    looking: Mutex<()>,
    revision: AtomicU64,
}

#[derive(Debug, Default)]
struct Held {
    takes: BTreeMap<TakeId, Arc<LibraryTake>>,
    broken: Vec<BrokenTake>,
    stars: Stars,
    listing: Arc<Listing>,
    /// Time stamps of the two folders at the last look, and when that was; `None` where they say nothing.
    stamps: Option<[Option<SystemTime>; 2]>,
}

impl TakeIndex {
    /// The process's list of this library; empty until the first [`TakeIndex::refresh`]. Touches no disk.
    pub fn shared(library: &Library) -> Arc<Self> {
        static SHARED: Mutex<Vec<Weak<TakeIndex>>> = Mutex::new(Vec::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.retain(|index| index.strong_count() > 0);
        let known = shared.iter().filter_map(Weak::upgrade);
        if let Some(index) = known.into_iter().find(|index| index.library.takes_dir() == library.takes_dir()) {
            return index;
        }
        let index = Arc::new(Self::new(library.clone()));
        shared.push(Arc::downgrade(&index));
        index
    }

    /// A list of its own.
    pub fn new(library: Library) -> Self {
        Self { library, held: Mutex::default(), looking: Mutex::default(), revision: AtomicU64::new(0) }
    }

    /// Counts changes; whoever has seen this number has seen everything.
    pub fn revision(&self) -> u64 {
        self.revision.load(Ordering::Acquire)
    }

    /// What was found at the last look.
    pub fn listing(&self) -> Arc<Listing> {
        self.held().listing.clone()
    }

    /// What somebody has decided about a take's star, as far as it is known here.
    pub fn star(&self, id: TakeId) -> Option<bool> {
        self.held().stars.get(&id).copied()
    }

    /// [`Library::set_star`], and everybody who shares this list sees it.
    ///
    /// # Errors
    /// As [`Library::set_star`].
    pub fn set_star(&self, id: TakeId, is_starred: bool) -> Result<(), LibraryError> {
        self.library.set_star(id, is_starred)?;
        let mut held = self.held();
        held.stars.insert(id, is_starred);
        if let Some(take) = held.takes.get_mut(&id) {
            Arc::make_mut(take).is_starred = is_starred;
        }
        self.publish(&mut held, true);
        Ok(())
    }

    /// [`Library::delete`], and everybody who shares this list sees it.
    ///
    /// # Errors
    /// As [`Library::delete`].
    pub fn delete(&self, id: TakeId) -> Result<(), LibraryError> {
        self.library.delete(id)?;
        let mut held = self.held();
        held.takes.remove(&id);
        self.publish(&mut held, true);
        Ok(())
    }

    /// Reads the stars only: what a deck's list needs.
    ///
    /// # Errors
    /// `Denied` and `Io` when the folder cannot be read; what was known stays.
    pub fn refresh_stars(&self) -> Result<(), LibraryError> {
        let stars = self.library.stars()?;
        let mut held = self.held();
        if held.stars != stars {
            held.stars = stars;
            follow_stars(&mut held);
            self.publish(&mut held, true);
        }
        Ok(())
    }

    /// Brings the list up to the folders; when nothing has changed there that is two looks at time stamps. Only takes
    /// that are new are read. A worker's business: the first one reads a block of every take.
    ///
    /// # Errors
    /// `Denied` and `Io` when a folder cannot be read; the list stays as it was. Stopped by `is_cancelled`, it keeps
    /// nothing of this look and is no error.
    pub fn refresh(&self, is_cancelled: impl Fn() -> bool) -> Result<(), LibraryError> {
        let _one = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        let stamps = [self.library.takes_dir(), self.library.stars_dir()]
            .map(|dir| dir.metadata().and_then(|metadata| metadata.modified()).ok());
        if self.held().stamps == Some(stamps) {
            return Ok(());
        }
        let now = SystemTime::now();
        let stars = self.library.stars()?;
        let known: Vec<TakeId> = self.held().takes.keys().copied().collect();
        let Some(looked) = self.look(&known, &stars, is_cancelled)? else { return Ok(()) };
        let mut held = self.held();
        held.takes.retain(|id, _| looked.present.binary_search(id).is_ok());
        held.takes.extend(looked.fresh.into_iter().map(|take| (take.id, Arc::new(take))));
        let is_restarred = held.stars != stars;
        (held.broken, held.stars) = (looked.broken, stars);
        follow_stars(&mut held);
        let is_old = |stamp: &SystemTime| now.duration_since(*stamp).is_ok_and(|age| age > STAMP_STEP);
        held.stamps = stamps.iter().flatten().all(is_old).then_some(stamps);
        self.publish(&mut held, is_restarred);
        Ok(())
    }

    fn look(
        &self,
        known: &[TakeId],
        stars: &Stars,
        is_cancelled: impl Fn() -> bool,
    ) -> Result<Option<Looked>, LibraryError> {
        let dir = self.library.takes_dir();
        let mut looked = Looked::default();
        let entries = match fs::read_dir(dir) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Some(looked)),
            entries => entries.map_err(|error| LibraryError::io(dir, error))?,
        };
        for entry in entries {
            if is_cancelled() {
                return Ok(None);
            }
            let entry = entry.map_err(|error| LibraryError::io(dir, error))?;
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            // Hidden: a take being written, or something of the system's.
            if name.starts_with(STAGING_PREFIX) || name.starts_with('.') {
                continue;
            }
            match TakeId::try_from(name.into_owned()) {
                Err(_) => looked.refuse(path, "its name is no take's".to_owned()),
                Ok(id) if known.binary_search(&id).is_ok() => looked.present.push(id),
                Ok(id) => match read_head(&path.join(TAKE_JSON)) {
                    Ok(head) => {
                        looked.present.push(id);
                        looked.fresh.push(LibraryTake::new(id, head, stars.get(&id) == Some(&true)));
                    }
                    Err(error) => looked.refuse(path, error.to_string()),
                },
            }
        }
        looked.present.sort_unstable();
        looked.broken.sort_by(|a, b| a.dir.cmp(&b.dir));
        Ok(Some(looked))
    }

    /// Makes the list anew; whoever follows the revision hears of it when the list, or anything else, has changed.
    fn publish(&self, held: &mut Held, is_news: bool) {
        let mut takes: Vec<_> = held.takes.values().cloned().collect();
        takes.sort_by(|a, b| b.saved_at.cmp(&a.saved_at).then_with(|| a.id.cmp(&b.id)));
        let listing = Listing { takes, broken: held.broken.clone() };
        let is_other = listing.takes != held.listing.takes || listing.broken != held.listing.broken;
        if is_other {
            held.listing = Arc::new(listing);
        }
        if is_other || is_news {
            self.revision.fetch_add(1, Ordering::Release);
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one look at the folder found.
#[derive(Default)]
struct Looked {
    present: Vec<TakeId>,
    fresh: Vec<LibraryTake>,
    broken: Vec<BrokenTake>,
}

impl Looked {
    fn refuse(&mut self, dir: PathBuf, reason: String) {
        self.broken.push(BrokenTake { dir, reason });
    }
}

fn follow_stars(held: &mut Held) {
    let Held { takes, stars, .. } = held;
    for take in takes.values_mut() {
        let is_starred = stars.get(&take.id) == Some(&true);
        if take.is_starred != is_starred {
            Arc::make_mut(take).is_starred = is_starred;
        }
    }
}
