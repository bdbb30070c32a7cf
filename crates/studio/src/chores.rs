//! Small disk work in its order, one after another on a worker: stars, deletions, the prompt history, the drag folder.
//!
//! One at a time, because a star put on and taken off again must not arrive the other way round.
use crate::core::{Core, Env, lane};
use crate::prompts::{self, PromptChange};
use jobs::http::{Address, ApiKey, ApiKeys};
use jobs::{EngineState, Engines, Job, JobEnd, Priority};
use library::{LibraryError, TakeIndex};
use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use take::TakeId;

/// A closing studio begins no further chore after this long: a host waits for it.
const CLOSING_BUDGET: Duration = Duration::from_millis(500);

/// One piece of work.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Chore {
    /// Read prompt history and stars, and weigh the drag folder.
    LookAround,
    Star(TakeId, bool),
    /// Stars that older projects remember and nobody has decided on since.
    AdoptStars(BTreeSet<TakeId>),
    Delete(TakeId, String),
    Prompts(PromptChange),
    ClearDrag,
    /// A server's address, and its key.
    SetKey(String, Option<ApiKey>),
    LookAtEngines,
    /// Give the memory of unused models back.
    RestEngines,
}

/// What it brought.
#[derive(Debug, PartialEq)]
pub(crate) enum Done {
    Nothing,
    LookedAround {
        prompts: Vec<String>,
        drag_bytes: u64,
    },
    Deleted(TakeId),
    Prompts(Vec<String>),
    ClearedDrag,
    /// The host that has a key now, or none any more.
    SetKey {
        host: String,
        has_key: bool,
    },
    LookedAtEngines(Vec<EngineState>),
}

/// Waiting and running work.
#[derive(Debug, Default)]
pub(crate) struct Chores {
    waiting: VecDeque<Chore>,
    running: Option<(Chore, Job<Result<Done, String>>)>,
}

impl Chores {
    pub(crate) fn is_busy(&self) -> bool {
        self.running.is_some() || !self.waiting.is_empty()
    }
}

impl Core {
    pub(crate) fn begin(&mut self, chore: Chore) {
        self.chores.waiting.push_back(chore);
        self.start_chore();
    }

    /// A pool that is full up keeps it waiting.
    fn start_chore(&mut self) {
        let (None, Some(chore)) = (&self.chores.running, self.chores.waiting.front().cloned()) else { return };
        let (index, env, work) = (self.index.clone(), Tools::of(&self.env), chore.clone());
        let priority = if chore == Chore::RestEngines { Priority::Background } else { Priority::Click };
        let owner = self.owner(lane::CHORES);
        let job = self.env.pool.submit_as(priority, owner, self.waker(), move |_, _| work.run(&index, &env));
        if let Ok(job) = job {
            self.chores.waiting.pop_front();
            self.chores.running = Some((chore, job));
        }
    }

    pub(crate) fn poll_chores(&mut self) {
        let end = self.chores.running.as_mut().and_then(|(_, job)| job.poll());
        if let (Some(end), Some((chore, _))) = (&end, self.chores.running.take_if(|_| end.is_some())) {
            match end {
                JobEnd::Done(Ok(done)) => self.note_done(done),
                JobEnd::Done(Err(sentence)) => self.notices.error(sentence.as_str()),
                JobEnd::Panicked(words) => self.notices.error(format!("A worker broke ({words}).")),
                JobEnd::NeverRan => self.chores.waiting.push_front(chore),
            }
            self.touch();
        }
        self.start_chore();
    }

    fn note_done(&mut self, done: &Done) {
        match done {
            Done::Nothing => {}
            Done::LookedAround { prompts, drag_bytes } => {
                self.prompts = Arc::new(prompts.clone());
                self.drag.num_bytes = *drag_bytes;
            }
            Done::Deleted(id) => self.note_deleted(*id),
            Done::Prompts(prompts) => self.prompts = Arc::new(prompts.clone()),
            Done::ClearedDrag => self.note_drag_cleared(),
            Done::SetKey { host, has_key: true } => self.notices.info(format!("The key of {host} is kept.")),
            Done::SetKey { host, has_key: false } => self.notices.info(format!("The key of {host} is gone.")),
            Done::LookedAtEngines(states) => self.engine_states = Arc::new(states.clone()),
        }
    }

    /// The last chance for what nobody can ask for again. Call when no job of this instance runs any more.
    pub(crate) fn finish_chores(&mut self) {
        if let Some((chore, mut job)) = self.chores.running.take()
            && job.poll() == Some(JobEnd::NeverRan)
        {
            self.chores.waiting.push_front(chore);
        }
        let started = Instant::now();
        let tools = Tools::of(&self.env);
        for chore in self.chores.waiting.drain(..) {
            let is_lasting =
                matches!(chore, Chore::Star(..) | Chore::AdoptStars(_) | Chore::Prompts(_) | Chore::SetKey(..));
            if is_lasting && started.elapsed() < CLOSING_BUDGET {
                // Nobody is left to tell.
                chore.run(&self.index, &tools).ok();
            }
        }
    }
}

/// What chores work on, beside the list of takes.
#[derive(Clone)]
struct Tools {
    prompts_file: PathBuf,
    config_dir: PathBuf,
    drag: library::DragFolder,
    engines: Arc<Engines>,
}

impl Tools {
    fn of(env: &Env) -> Self {
        Self {
            prompts_file: env.prompts_file.clone(),
            config_dir: env.config_dir.clone(),
            drag: env.drag.clone(),
            engines: env.engines.clone(),
        }
    }
}

impl Chore {
    /// On a worker; a sentence where it failed.
    fn run(&self, index: &TakeIndex, tools: &Tools) -> Result<Done, String> {
        let file: &Path = &tools.prompts_file;
        match self {
            Self::LookAround => {
                // Stars and sizes that cannot be read are told when somebody looks for them.
                index.refresh_stars().ok();
                let prompts = prompts::read(file);
                Ok(Done::LookedAround { prompts, drag_bytes: tools.drag.num_bytes().unwrap_or(0) })
            }
            Self::Star(id, is_starred) => {
                let failed = |error: LibraryError| format!("The star could not be kept: {error}.");
                index.set_star(*id, *is_starred).map(|()| Done::Nothing).map_err(failed)
            }
            Self::AdoptStars(ids) => {
                let failed = |error: LibraryError| format!("The stars of this project could not be kept: {error}.");
                index.refresh_stars().map_err(failed)?;
                let mut undecided = ids.iter().filter(|&&id| index.star(id).is_none());
                undecided.try_for_each(|&id| index.set_star(id, true)).map_err(failed)?;
                Ok(Done::Nothing)
            }
            Self::Delete(id, name) => {
                let failed = |error: LibraryError| match error {
                    LibraryError::Starred { .. } => format!("`{name}` has a star, so it was not deleted."),
                    error => format!("`{name}` could not be deleted: {error}."),
                };
                index.delete(*id).map(|()| Done::Deleted(*id)).map_err(failed)
            }
            Self::Prompts(change) => prompts::change(file, change).map(Done::Prompts),
            Self::ClearDrag => {
                let failed = |error: LibraryError| format!("The drag folder could not be emptied: {error}.");
                tools.drag.clear().map(|_| Done::ClearedDrag).map_err(failed)
            }
            Self::SetKey(address, key) => {
                let failed = |error: String| format!("The key could not be kept: {error}.");
                let address = Address::parse(address).map_err(|error| failed(error.to_string()))?;
                let (host, has_key) = (address.host().to_owned(), key.is_some());
                let set = ApiKeys::set(&tools.config_dir, &address, key.clone());
                set.map(|()| Done::SetKey { host, has_key }).map_err(|error| failed(error.to_string()))
            }
            Self::LookAtEngines => Ok(Done::LookedAtEngines(tools.engines.states())),
            Self::RestEngines => {
                tools.engines.rest(Instant::now());
                Ok(Done::Nothing)
            }
        }
    }
}
