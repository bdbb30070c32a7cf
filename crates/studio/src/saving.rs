//! Takes into the library, and files for other programs. All of it on workers.
use crate::core::{Core, lane};
use jobs::{Job, JobEnd};
use library::{Library, LibraryError, export_part, export_stem, export_take, folder_name};
use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use take::{PartKind, StemKind, Take, TakeId};

/// A full disk is tried again after this long.
const RETRY_AFTER: Duration = Duration::from_secs(10);
/// Takes kept in memory because the disk does not take them, beside those on decks.
const MAX_UNSAVED: usize = 8;
/// Jobs hear of a cancel within 50 ms; a save that runs is let finish.
const LEAVING_PATIENCE: Duration = Duration::from_millis(150);
/// A closing studio starts no further save after this long: a host waits for it.
const CLOSING_BUDGET: Duration = Duration::from_millis(100);
/// Longer for takes that the project names: they would be missing from it.
const CLOSING_BUDGET_NAMED: Duration = Duration::from_secs(3);

type SaveJob = Job<Result<(), LibraryError>>;

/// What is not on the disk yet.
#[derive(Debug, Default)]
pub(crate) struct Saves {
    waiting: VecDeque<Arc<Take>>,
    running: Option<(Arc<Take>, SaveJob)>,
    /// Takes whose owner knows that they are not saved.
    told: BTreeSet<TakeId>,
    /// When to try again, after a failure.
    retry_at: Option<Duration>,
}

impl Saves {
    pub(crate) fn is_busy(&self) -> bool {
        self.running.is_some()
    }

    /// The only copy is in memory.
    pub(crate) fn holds(&self, id: TakeId) -> bool {
        self.waiting.iter().chain(self.running.iter().map(|(take, _)| take)).any(|take| take.id == id)
    }
}

/// What to write for other programs.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ExportWhat {
    Take,
    Stem(StemKind),
    Part(PartKind),
}

/// A running export; it ends with what was written.
#[derive(Debug)]
pub(crate) struct Export(Job<Result<PathBuf, LibraryError>>);

impl Core {
    pub(crate) fn save(&mut self, take: Arc<Take>) {
        if !self.saves.holds(take.id) {
            self.saves.waiting.push_back(take);
        }
        self.start_save();
    }

    pub(crate) fn poll_files(&mut self) {
        self.poll_save();
        self.poll_exports();
        self.poll_check();
        self.poll_missing();
        self.poll_styles();
        self.poll_chores();
        self.poll_browser();
        self.poll_drag();
        self.poll_imports();
        self.poll_trials();
        self.poll_hearings();
    }

    fn poll_save(&mut self) {
        let end = self.saves.running.as_mut().and_then(|(_, job)| job.poll());
        if let (Some(end), Some((take, _))) = (&end, self.saves.running.take_if(|_| end.is_some())) {
            match end {
                JobEnd::Done(Ok(())) => {
                    self.saves.retry_at = None;
                    self.saves.told.remove(&take.id);
                }
                JobEnd::Done(Err(error)) if is_final(error) => self.abandon(&take, error),
                JobEnd::Done(Err(LibraryError::DiskFull { .. })) => self.postpone(take, "the disk is full"),
                JobEnd::Done(Err(error)) => self.postpone(take, &error.to_string()),
                JobEnd::Panicked(words) => self.postpone(take, words),
                JobEnd::NeverRan => self.saves.waiting.push_front(take),
            }
        }
        self.start_save();
    }

    fn postpone(&mut self, take: Arc<Take>, reason: &str) {
        let (name, seconds) = (&take.info.name, RETRY_AFTER.as_secs());
        if self.saves.told.insert(take.id) {
            self.notices.error(format!(
                "`{name}` could not be saved: {reason}. It still plays; saving is tried again every {seconds} seconds."
            ));
        }
        self.saves.waiting.push_back(take);
        self.saves.retry_at = Some(self.now + RETRY_AFTER);
        self.give_up_oldest();
        self.touch();
    }

    /// Trying again would not help; the takes behind it are not held up.
    fn abandon(&mut self, take: &Take, reason: &LibraryError) {
        if self.saves.told.insert(take.id) {
            self.notices.error(format!(
                "`{}` is not saved, and the project will miss it: {reason}. It still plays.",
                take.info.name
            ));
        }
        self.touch();
    }

    /// Memory is not a disk: beyond a limit the oldest that is on no deck goes. Its spec stays in the history.
    fn give_up_oldest(&mut self) {
        if self.saves.waiting.len() <= MAX_UNSAVED {
            return;
        }
        let is_idle = |take: &Arc<Take>| self.decks.iter().all(|deck| deck.current != Some(take.id));
        let oldest = self.saves.waiting.iter().position(is_idle);
        let Some(take) = oldest.and_then(|oldest| self.saves.waiting.remove(oldest)) else { return };
        for deck in &mut self.decks {
            deck.edit(take.id, |row| row.is_missing = true);
        }
        self.saves.told.remove(&take.id);
        let name = &take.info.name;
        self.notices
            .error(format!("`{name}` was given up unsaved to free memory; Restore in the take list makes it again."));
    }

    fn start_save(&mut self) {
        let is_due = self.saves.retry_at.is_none_or(|retry_at| retry_at <= self.now);
        if self.saves.running.is_some() || !is_due {
            return;
        }
        let Some(take) = self.saves.waiting.front().cloned() else { return };
        let (library, saved) = (self.env.library.clone(), take.clone());
        let job = self.env.pool.submit(self.owner(lane::SAVE), self.waker(), move |_, _| library.save(&saved));
        if let Ok(job) = job {
            self.saves.waiting.pop_front();
            self.saves.running = Some((take, job));
        }
    }

    pub(crate) fn export(&mut self, id: TakeId, dir: Option<PathBuf>, what: ExportWhat) {
        let dir = dir.unwrap_or_else(|| self.env.exports_dir.clone());
        let number = self.number_of(id);
        let (at_hand, library) = (self.shelf.take(id).cloned(), self.env.library.clone());
        let job = self.env.pool.submit(self.owner(lane::EXPORT), self.waker(), move |_, _| {
            write_export(at_hand, &library, id, &dir, number, what)
        });
        match job {
            Ok(job) => self.exports.push(Export(job)),
            Err(full) => self.notices.error(format!("Nothing was exported: {full}. Try again in a moment.")),
        }
        self.touch();
    }

    /// A take's place in its deck's history, from 1; 1 where it is in none.
    pub(crate) fn number_of(&self, id: TakeId) -> u32 {
        let place = |deck: &crate::deck::Deck| deck.rows().iter().position(|row| row.take.id == id);
        self.decks.iter().find_map(place).map_or(1, |at| at as u32 + 1)
    }

    fn poll_exports(&mut self) {
        let mut ends = Vec::new();
        self.exports.retain_mut(|export| export.0.poll().map(|end| ends.push(end)).is_none());
        for end in ends {
            match end {
                JobEnd::Done(Ok(path)) => self.notices.wrote(format!("Exported to {}", path.display()), path),
                JobEnd::Done(Err(error)) => self.notices.error(format!("Nothing was exported: {error}.")),
                JobEnd::Panicked(words) => {
                    self.notices.error(format!("Nothing was exported: a worker broke ({words})."))
                }
                JobEnd::NeverRan => {}
            }
            self.touch();
        }
    }

    /// Nothing of this instance runs on. The last chance for takes whose save has not begun: what fails now can be
    /// made again from its spec.
    pub(crate) fn close(&mut self) {
        self.env.pool.leave(self.instance, LEAVING_PATIENCE);
        self.await_running_save();
        self.finish_chores();
        let started = Instant::now();
        let is_named = |take: &Arc<Take>| self.decks.iter().any(|deck| deck.row(take.id).is_some());
        let (named, others): (Vec<_>, Vec<_>) = self.saves.waiting.drain(..).partition(is_named);
        let budgets = [(named, CLOSING_BUDGET_NAMED), (others, CLOSING_BUDGET)];
        let due = budgets.into_iter().flat_map(|(takes, budget)| takes.into_iter().map(move |take| (take, budget)));
        for (take, budget) in due {
            if started.elapsed() <= budget {
                // The next one may still succeed, and nobody is left to tell.
                self.env.library.save(&take).ok();
            }
        }
    }

    /// What a worker writes already is not written a second time.
    fn await_running_save(&mut self) {
        let Some((take, mut job)) = self.saves.running.take() else { return };
        let end = job.poll().or_else(|| {
            self.env.pool.leave(self.instance, CLOSING_BUDGET_NAMED);
            job.poll()
        });
        match end {
            Some(JobEnd::NeverRan) => self.saves.waiting.push_front(take),
            Some(JobEnd::Done(Err(error))) if !is_final(&error) => self.saves.waiting.push_back(take),
            Some(JobEnd::Done(_) | JobEnd::Panicked(_)) | None => {}
        }
    }
}

/// The same take will never be saved, whatever becomes of the disk.
fn is_final(error: &LibraryError) -> bool {
    matches!(error, LibraryError::NotSavable { .. } | LibraryError::TooNew { .. })
}

/// On a worker: the folder or file that was written.
fn write_export(
    at_hand: Option<Arc<Take>>,
    library: &Library,
    id: TakeId,
    dir: &Path,
    number: u32,
    what: ExportWhat,
) -> Result<PathBuf, LibraryError> {
    let take = match at_hand {
        Some(take) => take,
        None => Arc::new(library.load(id)?),
    };
    match what {
        ExportWhat::Take => Ok(export_take(&take, &dir.join(folder_name(&take)))?.dir),
        ExportWhat::Stem(stem) => export_stem(&take, stem, number, dir),
        ExportWhat::Part(part) => export_part(&take, part, number, dir),
    }
}
