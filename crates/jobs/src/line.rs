//! Who is next: what is more urgent first; then instances take turns, and within an instance its lanes take turns.
use crate::{CancelToken, Owner, QueueFull};
use std::collections::VecDeque;

/// How urgent a job is. What somebody waits for goes before what nobody sees yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Priority {
    /// Somebody has clicked, or a file has to be written.
    #[default]
    Click,
    /// A take that plays is rendered again, for another tempo or rate.
    Background,
    /// What the autopilot prepares for later.
    Autopilot,
}

impl Priority {
    /// Every priority, the most urgent first.
    pub const ALL: [Priority; 3] = [Priority::Click, Priority::Background, Priority::Autopilot];
}

/// One waiting job.
pub(crate) struct Queued {
    pub(crate) priority: Priority,
    pub(crate) owner: Owner,
    pub(crate) cancel: CancelToken,
    pub(crate) run: Box<dyn FnOnce() + Send>,
}

/// All waiting jobs, a line for each priority.
#[derive(Default)]
pub(crate) struct Line {
    lines: [Fair; Priority::ALL.len()],
}

/// The waiting jobs of one priority. No empty instance and no empty lane is kept, so that it never grows beyond its
/// jobs.
#[derive(Default)]
struct Fair {
    instances: VecDeque<InstanceLine>,
}

struct InstanceLine {
    instance: u64,
    lanes: VecDeque<LaneLine>,
}

struct LaneLine {
    lane: u8,
    jobs: VecDeque<Queued>,
}

impl Line {
    /// Queues a job behind its owner's others. Jobs of that owner that were cancelled meanwhile are handed out: the
    /// caller drops them.
    ///
    /// # Errors
    /// [`QueueFull`] when `max_queued` jobs of this owner and priority wait already.
    pub(crate) fn push(&mut self, job: Queued, max_queued: usize) -> Result<Vec<Queued>, QueueFull> {
        self.lines[job.priority as usize].push(job, max_queued)
    }

    /// The next job: the most urgent one; its lane and its instance go to the back of their lines.
    pub(crate) fn pop(&mut self) -> Option<Queued> {
        self.lines.iter_mut().find_map(Fair::pop)
    }

    /// Takes out everything of one instance: the caller drops it.
    pub(crate) fn remove(&mut self, instance: u64) -> Vec<Queued> {
        self.lines.iter_mut().flat_map(|line| line.remove(instance)).collect()
    }

    /// Jobs that wait, cancelled ones included.
    pub(crate) fn num_queued(&self) -> usize {
        self.lines.iter().map(Fair::num_queued).sum()
    }
}

impl Fair {
    fn push(&mut self, job: Queued, max_queued: usize) -> Result<Vec<Queued>, QueueFull> {
        let lane = self.lane_of(job.owner);
        let (cancelled, waiting) = lane.jobs.drain(..).partition(|queued| queued.cancel.is_cancelled());
        lane.jobs = waiting;
        let num_queued = lane.jobs.len();
        if num_queued >= max_queued {
            return Err(QueueFull { num_queued });
        }
        lane.jobs.push_back(job);
        Ok(cancelled.into())
    }

    fn pop(&mut self) -> Option<Queued> {
        let mut instance = self.instances.pop_front()?;
        let mut lane = instance.lanes.pop_front()?;
        let job = lane.jobs.pop_front();
        if !lane.jobs.is_empty() {
            instance.lanes.push_back(lane);
        }
        if !instance.lanes.is_empty() {
            self.instances.push_back(instance);
        }
        job
    }

    fn remove(&mut self, instance: u64) -> Vec<Queued> {
        let (gone, kept) = self.instances.drain(..).partition(|line: &InstanceLine| line.instance == instance);
        self.instances = kept;
        let gone: VecDeque<InstanceLine> = gone;
        gone.into_iter().flat_map(|line| line.lanes).flat_map(|lane| lane.jobs).collect()
    }

    fn num_queued(&self) -> usize {
        self.instances.iter().flat_map(|line| &line.lanes).map(|lane| lane.jobs.len()).sum()
    }

    fn lane_of(&mut self, owner: Owner) -> &mut LaneLine {
        let at = self.instances.iter().position(|line| line.instance == owner.instance).unwrap_or_else(|| {
            self.instances.push_back(InstanceLine { instance: owner.instance, lanes: VecDeque::new() });
            self.instances.len() - 1
        });
        let lanes = &mut self.instances[at].lanes;
        let at = lanes.iter().position(|line| line.lane == owner.lane).unwrap_or_else(|| {
            lanes.push_back(LaneLine { lane: owner.lane, jobs: VecDeque::new() });
            lanes.len() - 1
        });
        &mut lanes[at]
    }
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line").field("num_queued", &self.num_queued()).finish()
    }
}
